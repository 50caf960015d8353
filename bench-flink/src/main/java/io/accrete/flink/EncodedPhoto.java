package io.accrete.flink;

/**
 * A photo with what depends on it alone.
 *
 * @param sha256 of its content, 32 bytes
 * @param tokens T·D floats
 */
public record EncodedPhoto(Photo photo, byte[] sha256, float[] tokens) {
  /** Its key. */
  public String objectId() {
    return photo.objectId();
  }
}
