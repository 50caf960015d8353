package io.accrete.trainer.buffer;

/**
 * A photo of an object.
 *
 * @param sha256 of its bytes, lower-case hexadecimal
 * @param bytes how many
 * @param arrival a number that grows over all photos of a buffer
 */
record StoredPhoto(String sha256, long bytes, long arrival) {}
