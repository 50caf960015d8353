package io.accrete.bench;

import java.util.List;

/**
 * What the parts of a photo's way cost, each alone, in one thread; means of JMH's.
 *
 * @param bundle version of the model
 * @param batches from small ones to large ones
 * @param encoderMillis for a photo, in the best of these
 * @param sizes from small photos to large ones
 */
public record PartsMeasures(String bundle, List<Batch> batches, double encoderMillis, List<Size> sizes) {
  /**
   * The model by batches of one size.
   *
   * @param encodeMillis for a photo
   * @param foldMillis for an object
   * @param foldRatioToEncoder the latter by the encoder's time
   */
  public record Batch(int size, double encodeMillis, double foldMillis, double foldRatioToEncoder) {}

  /**
   * Photos of one size.
   *
   * @param megapixels of a photo, on average
   * @param kilobytes of its file, on average
   * @param decodeMillis from a file to an image, every pixel of it
   * @param pixelsMillis from a file to what the encoder takes: decoded as far as needed, resized, cropped
   * @param ratioToEncoder the latter by the encoder's time
   */
  public record Size(double megapixels, double kilobytes, double decodeMillis, double pixelsMillis, double ratioToEncoder) {}
}
