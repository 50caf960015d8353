/** Encode ahead: images are encoded in full batches before the stream threads come to their records. */
package io.accrete.streams.ahead;
