/**
 * Embeddings as they change, for many clients at once: one subscriber and a ring for all who keep up, a subscriber of their own for those
 * who come back or begin at the beginning.
 */
package io.accrete.streams.feed;
