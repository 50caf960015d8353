/** Embeddings as they change, for many clients at once: one subscriber and a ring for all who keep up, one of their own for who comes back. */
package io.accrete.streams.feed;
