package io.accrete.streams.encode;

import io.accrete.image.ImageException;
import java.nio.ByteBuffer;

/** An encoder in two halves, for whoever fills batches: what is done of each image alone, and what is done of many at once. */
public interface BatchEncoder {
  /**
   * What the encoder takes of an image.
   *
   * @param image the bytes of a JPEG, PNG, WebP or GIF
   * @return {@link #pixelBytes()} bytes
   * @throws ImageException if the fault is the image's
   */
  byte[] pixels(byte[] image) throws ImageException;

  /**
   * Encodes images.
   *
   * @param pixels direct; from its position to its limit the pixels of each, one after the other
   * @return T·D floats of each, row-major
   */
  float[][] encode(ByteBuffer pixels);

  /** Bytes of the pixels of an image. */
  int pixelBytes();

  /** Bytes of the tokens of an image, in memory. */
  int tokenBytes();

  /** As many images at once as make it fast; more would not make it faster. */
  int batch();

  /** Batches that may be encoded at the same time: as many as there are threads, or one on a device that is made for large ones. */
  int batchesAtOnce();
}
