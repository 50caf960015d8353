/** The interface between the topology and the encoder. */
package io.accrete.streams.encode;
