/** Published bundles on this machine: fetched from where they were published, verified, kept while they are needed. */
package io.accrete.streams.fetch;
