/** The HTTP API of one instance: interactive queries, health and Prometheus metrics. */
package io.accrete.streams.http;
