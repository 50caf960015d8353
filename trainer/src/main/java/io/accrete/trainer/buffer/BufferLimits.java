package io.accrete.trainer.buffer;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;

/**
 * How much a buffer holds.
 *
 * @param bytes most bytes of all photos, at least 1
 * @param photos most photos of one object, at least {@value #LEAST_PHOTOS}
 */
public record BufferLimits(long bytes, int photos) {
  /** An object with fewer photos teaches nothing about objects, and is not kept. */
  static final int LEAST_PHOTOS = 2;

  public BufferLimits {
    if (bytes < 1 || photos < LEAST_PHOTOS) {
      throw new IllegalArgumentException("Expected limits of at least 1 byte and " + LEAST_PHOTOS + " photos of an object, found "
          + bytes + " and " + photos + ".");
    }
  }

  public static BufferLimits of(AccreteConfig config) {
    return new BufferLimits(config.getLong(ConfigKeys.TRAINER_BUFFER_BYTES), config.getInt(ConfigKeys.TRAINER_BUFFER_OBJECT_IMAGES));
  }
}
