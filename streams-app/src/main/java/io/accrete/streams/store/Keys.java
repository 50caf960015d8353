package io.accrete.streams.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;

/**
 * Composite keys: a 4-byte big-endian length of the object id, the object id, the image id, and for features the
 * hashes of encoder and image.
 *
 * <p>The length keeps objects apart: no object's prefix is the prefix of another's.
 */
final class Keys {
  private static final int HASH_BYTES = 32;

  private Keys() {}

  static Bytes object(String objectId) {
    return composite(objectId, "", new byte[0]);
  }

  static Bytes image(String objectId, String imageId) {
    return composite(objectId, imageId, new byte[0]);
  }

  /** With the image's hash, for its content may be replaced while nobody keeps features. */
  static Bytes feature(String objectId, String imageId, byte[] encoderHash, byte[] imageHash) {
    if (encoderHash.length != HASH_BYTES || imageHash.length != HASH_BYTES) {
      throw new IllegalArgumentException("Expected two SHA-256 of " + HASH_BYTES + " bytes, found " + encoderHash.length + " and "
          + imageHash.length + " bytes");
    }
    return composite(objectId, imageId, ByteBuffer.allocate(2 * HASH_BYTES).put(encoderHash).put(imageHash).array());
  }

  /** Whether a feature key is of exactly this image, and not of one whose id begins alike. */
  static boolean isFeatureOf(Bytes image, Bytes feature) {
    return feature.get().length == image.get().length + 2 * HASH_BYTES;
  }

  /** The hash of the encoder in a feature key. */
  static ByteBuffer encoder(Bytes feature) {
    return ByteBuffer.wrap(feature.get(), feature.get().length - 2 * HASH_BYTES, HASH_BYTES).slice();
  }

  private static Bytes composite(String objectId, String imageId, byte[] suffix) {
    byte[] object = objectId.getBytes(StandardCharsets.UTF_8);
    byte[] image = imageId.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(ByteBuffer.allocate(Integer.BYTES + object.length + image.length + suffix.length)
        .putInt(object.length).put(object).put(image).put(suffix).array());
  }
}
