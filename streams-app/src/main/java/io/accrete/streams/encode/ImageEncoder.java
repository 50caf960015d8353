package io.accrete.streams.encode;

import io.accrete.image.ImageException;
import java.util.Optional;

/**
 * The one interface between the topology and the encoder: an encoded image in, its tokens out.
 *
 * <p>An instance belongs to exactly one model version. Equal bytes give equal tokens, whoever asks and whenever, so an implementation is
 * free to have encoded the image already when it is asked.
 */
@FunctionalInterface
public interface ImageEncoder {
  /**
   * Encodes one image.
   *
   * @param image the bytes of a JPEG, PNG, WebP or GIF
   * @return T·D floats, row-major
   * @throws ImageException if the fault is the image's; every other failure is unchecked and not the image's
   */
  float[] encode(byte[] image) throws ImageException;

  /** The same encoder for batches; empty: it takes one image at a time. */
  default Optional<BatchEncoder> batches() {
    return Optional.empty();
  }
}
