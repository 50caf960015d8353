package io.accrete.image;

import io.accrete.bundle.Preprocessing;
import java.util.Arrays;

/**
 * From an image to what an encoder takes: the resize and the centre crop that a {@link Preprocessing} asks for. Its normalisation happens
 * inside the encoder. The same code serves and trains.
 */
public final class Preprocessor {
  private static final int[] REDUCTIONS = {8, 4, 2};
  /** How many times larger than the result a reduced photo must be at least, for the result to be the same but for rounding. */
  private static final int GAP = 4;

  private final Preprocessing preprocessing;

  public Preprocessor(Preprocessing preprocessing) {
    this.preprocessing = preprocessing;
  }

  /** The pixels of the square: uint8, {@code [cropSize, cropSize, 3]}, red first. */
  public byte[] pixels(RgbImage image) {
    return pixels(DecodedPhoto.whole(image));
  }

  /**
   * Decodes and preprocesses a photo. Of a large JPEG not every pixel is computed: what comes out differs from {@link #pixels(RgbImage)} by
   * little more than rounding.
   */
  public byte[] pixels(byte[] file, ImageLimits limits) throws ImageException {
    return pixels(ImageDecoder.decode(file, limits, this::reduction));
  }

  private byte[] pixels(DecodedPhoto photo) {
    int size = preprocessing.cropSize();
    int width = edge(photo.width(), photo.height());
    int height = edge(photo.height(), photo.width());
    return Resampler.resize(photo.image(), preprocessing.resample(), photo.box(), width, height, (width - size) / 2, (height - size) / 2,
        size, size).rgb();
  }

  private int reduction(int width, int height) {
    double larger = Math.min((double) width / edge(width, height), (double) height / edge(height, width));
    return Arrays.stream(REDUCTIONS).filter(by -> larger >= GAP * by).findFirst().orElse(1);
  }

  /** The longer edge in proportion, rounded half to even as Python rounds. */
  private int edge(int length, int other) {
    boolean fixed = preprocessing.resize() == Preprocessing.Resize.BOTH_EDGES || length <= other;
    return fixed ? preprocessing.resizeTo() : (int) Math.rint((double) length * preprocessing.resizeTo() / other);
  }
}
