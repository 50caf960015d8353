package io.accrete.bench;

import java.util.List;

/**
 * What it costs to make pixels of photos, beside encoding them. Times are processor time of one thread, medians.
 *
 * @param bundle version of the encoder
 * @param batch in which it encoded
 * @param encoderMillis that it takes for a photo
 * @param sizes from small photos to large ones
 */
public record DecodeMeasures(String bundle, int batch, double encoderMillis, List<Size> sizes) {
  /**
   * Photos of one size.
   *
   * @param megapixels of a photo, on average
   * @param kilobytes of its file, on average
   * @param decodeMillis from a file to an image
   * @param pixelsMillis from a file to what the encoder takes: decoded, resized, cropped
   * @param ratioToEncoder the latter by the encoder's time
   */
  public record Size(double megapixels, double kilobytes, double decodeMillis, double pixelsMillis, double ratioToEncoder) {}
}
