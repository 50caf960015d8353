package io.accrete.bundle;

import java.nio.file.Path;
import java.util.List;

/**
 * How a decoded photo becomes the encoder's input: resize, then centre crop to a square, then (inside the encoder's graph)
 * {@code (pixel * rescaleFactor - mean) / std} per channel in RGB order.
 *
 * @param resize whether the shortest edge becomes {@code resizeTo} pixels (the aspect is kept) or both edges do
 * @param resizeTo length in pixels after the resize
 * @param cropSize side in pixels of the centre crop, at most {@code resizeTo}; the encoder's image size
 * @param resample filter of the resize; antialiased when shrinking, as Pillow does
 * @param rescaleFactor factor that brings a pixel (0 to 255) to the range of mean and std
 * @param mean three values, red first
 * @param std three values above 0, red first
 */
public record Preprocessing(
    Resize resize, int resizeTo, int cropSize, Resample resample, double rescaleFactor, List<Double> mean, List<Double> std) {

  /** Which edges the resize fixes. */
  public enum Resize {
    SHORTEST_EDGE,
    BOTH_EDGES
  }

  /** Filters, with Pillow's numbers as Hugging Face writes them. */
  public enum Resample {
    BILINEAR(2),
    BICUBIC(3);

    private final int code;

    Resample(int code) {
      this.code = code;
    }

    /** Pillow's number of the filter. */
    public int code() {
      return code;
    }
  }

  /** Mean of ImageNet's pixels, scaled to [0, 1]. */
  public static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);

  /** Standard deviation of ImageNet's pixels, scaled to [0, 1]. */
  public static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);

  private static final int MAX_SIZE = 4096;

  /**
   * Checks every value.
   *
   * @throws BundleException if one is out of range
   */
  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    require(cropSize >= 1 && cropSize <= MAX_SIZE, "The crop size must be 1 to " + MAX_SIZE + " pixels; found " + cropSize + ".");
    require(resizeTo >= cropSize && resizeTo <= MAX_SIZE,
        "The size to resize to must be the crop size (" + cropSize + ") to " + MAX_SIZE + " pixels; found " + resizeTo + ".");
    require(mean.size() == 3 && mean.stream().allMatch(Double::isFinite), "The mean must be three finite numbers; found " + mean + ".");
    require(std.size() == 3 && std.stream().allMatch(s -> Double.isFinite(s) && s > 0),
        "The standard deviation must be three numbers above 0; found " + std + ".");
    require(Double.isFinite(rescaleFactor) && rescaleFactor > 0, "The rescale factor must be above 0; found " + rescaleFactor + ".");
  }

  /** Shortest edge to {@code resizeTo}, bicubic, centre crop, pixels to [0, 1], ImageNet's mean and std: what DINOv2 takes. */
  public static Preprocessing imageNet(int resizeTo, int cropSize) {
    return new Preprocessing(Resize.SHORTEST_EDGE, resizeTo, cropSize, Resample.BICUBIC, 1 / 255.0, IMAGENET_MEAN, IMAGENET_STD);
  }

  /** The same for another image size: the resize grows or shrinks in proportion. */
  public Preprocessing withCropSize(int size) {
    int edge = Math.max(size, Math.round((float) resizeTo * size / cropSize));
    return new Preprocessing(resize, edge, size, resample, rescaleFactor, mean, std);
  }

  /**
   * Reads a Hugging Face {@code preprocessor_config.json}.
   *
   * @throws BundleException if it cannot be read or asks for something that is not supported; the message names it
   */
  public static Preprocessing read(Path file) {
    return PreprocessorConfig.read(file);
  }

  /** Writes it as a Hugging Face {@code preprocessor_config.json}. */
  public void write(Path file) {
    PreprocessorConfig.write(this, file);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new BundleException(message);
    }
  }
}
