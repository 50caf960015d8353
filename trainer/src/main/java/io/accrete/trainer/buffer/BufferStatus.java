package io.accrete.trainer.buffer;

import java.util.OptionalLong;

/**
 * What a buffer holds, and how far it is behind its topic.
 *
 * @param bytes of the photos of all objects; a photo that two objects share counts twice
 * @param lag records of the topic that are still to be read; empty before the topic was reached
 */
public record BufferStatus(int objects, long photos, long bytes, OptionalLong lag) {}
