/** The HTTP API of one instance: its server, who may ask, and the routes that read objects, models, health and Prometheus metrics. */
package io.accrete.streams.http;
