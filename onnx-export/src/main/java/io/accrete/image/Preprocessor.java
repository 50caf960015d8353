package io.accrete.image;

import io.accrete.bundle.Preprocessing;

/**
 * From an image to what an encoder takes: the resize and the centre crop that a {@link Preprocessing} asks for. Its normalisation happens
 * inside the encoder. The same code serves and trains.
 */
public final class Preprocessor {
  private final Preprocessing preprocessing;

  public Preprocessor(Preprocessing preprocessing) {
    this.preprocessing = preprocessing;
  }

  /** The pixels of the square: uint8, {@code [cropSize, cropSize, 3]}, red first. */
  public byte[] pixels(RgbImage image) {
    int size = preprocessing.cropSize();
    int width = edge(image.width(), image.height());
    int height = edge(image.height(), image.width());
    return Resampler.resize(image, preprocessing.resample(), width, height, (width - size) / 2, (height - size) / 2, size, size).rgb();
  }

  /** Decodes and preprocesses a photo; the same square as {@link #pixels(RgbImage)}. */
  public byte[] pixels(byte[] file, ImageLimits limits) throws ImageException {
    return pixels(ImageDecoder.decode(file, limits));
  }

  /** The longer edge in proportion, rounded half to even as Python rounds. */
  private int edge(int length, int other) {
    boolean fixed = preprocessing.resize() == Preprocessing.Resize.BOTH_EDGES || length <= other;
    return fixed ? preprocessing.resizeTo() : (int) Math.rint((double) length * preprocessing.resizeTo() / other);
  }
}
