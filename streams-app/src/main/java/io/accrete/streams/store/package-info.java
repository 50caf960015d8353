/** The state stores: names, keys, encodings and their bound on native memory. */
package io.accrete.streams.store;
