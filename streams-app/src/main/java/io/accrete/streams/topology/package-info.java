/** The topology: what becomes of an image event, in {@code ImageEventProcessor} from beginning to end. */
package io.accrete.streams.topology;
