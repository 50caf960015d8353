package io.accrete.image;

import io.accrete.bundle.Preprocessing.Resample;
import java.util.Arrays;

/**
 * Antialiased resampling, bilinear or bicubic (Keys, a = -0.5), horizontally first, with 8-bit results between the passes and 22-bit
 * fixed-point coefficients: the arithmetic of Pillow's {@code Image.resize}.
 */
public final class Resampler {
  private static final int PRECISION = 22;
  private static final int HALF = 1 << (PRECISION - 1);

  private Resampler() {}

  /** The image at another size. */
  public static RgbImage resize(RgbImage image, Resample filter, int width, int height) {
    return resize(image, filter, Box.whole(image), width, height);
  }

  /**
   * A region of the image at another size. Pixels around the region have their part at its edges, as in Pillow's {@code resize} with a
   * box.
   *
   * @param box the region; must lie inside the image and not be empty
   */
  public static RgbImage resize(RgbImage image, Resample filter, Box box, int width, int height) {
    if (!box.liesIn(image)) {
      throw new IllegalArgumentException(
          "Expected a box that is not empty inside %d x %d, found %s.".formatted(image.width(), image.height(), box));
    }
    return resize(image, Kernel.of(filter, image.width(), box.left(), box.right(), width, 0, width),
        Kernel.of(filter, image.height(), box.top(), box.bottom(), height, 0, height));
  }

  /**
   * A window of the image at another size; the same bytes as cropping the result of {@link #resize(RgbImage, Resample, int, int)}, for
   * less work.
   *
   * @param width size to which the whole image is resized
   * @param left the window, in pixels of the resized image; must lie inside it
   */
  public static RgbImage resize(
      RgbImage image, Resample filter, int width, int height, int left, int top, int cropWidth, int cropHeight) {
    return resize(image, filter, Box.whole(image), width, height, left, top, cropWidth, cropHeight);
  }

  /** The same of a region. */
  static RgbImage resize(
      RgbImage image, Resample filter, Box box, int width, int height, int left, int top, int cropWidth, int cropHeight) {
    if (left < 0 || top < 0 || cropWidth < 1 || cropHeight < 1 || left + cropWidth > width || top + cropHeight > height) {
      throw new IllegalArgumentException("The window %d x %d at (%d, %d) does not lie inside %d x %d."
          .formatted(cropWidth, cropHeight, left, top, width, height));
    }
    return resize(image, Kernel.of(filter, image.width(), box.left(), box.right(), width, left, cropWidth),
        Kernel.of(filter, image.height(), box.top(), box.bottom(), height, top, cropHeight));
  }

  private static RgbImage resize(RgbImage image, Kernel across, Kernel down) {
    int width = across.start.length;
    int height = down.start.length;
    int firstRow = down.start[0];
    int rows = down.start[height - 1] + down.length[height - 1] - firstRow;
    byte[] narrowed = horizontal(image, across, firstRow, rows);
    return new RgbImage(width, height, vertical(narrowed, width * 3, down, firstRow));
  }

  private static byte[] horizontal(RgbImage image, Kernel kernel, int firstRow, int rows) {
    int width = kernel.start.length;
    byte[] in = image.rgb();
    byte[] out = new byte[rows * width * 3];
    for (int y = 0, o = 0; y < rows; y++) {
      int row = (firstRow + y) * image.width() * 3;
      for (int x = 0; x < width; x++) {
        int red = HALF;
        int green = HALF;
        int blue = HALF;
        int i = row + kernel.start[x] * 3;
        int k = x * kernel.stride;
        for (int end = k + kernel.length[x]; k < end; k++, i += 3) {
          int weight = kernel.weights[k];
          red += (in[i] & 0xff) * weight;
          green += (in[i + 1] & 0xff) * weight;
          blue += (in[i + 2] & 0xff) * weight;
        }
        out[o++] = clip(red);
        out[o++] = clip(green);
        out[o++] = clip(blue);
      }
    }
    return out;
  }

  private static byte[] vertical(byte[] in, int rowBytes, Kernel kernel, int firstRow) {
    int height = kernel.start.length;
    byte[] out = new byte[height * rowBytes];
    int[] sums = new int[rowBytes];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, HALF);
      for (int k = 0; k < kernel.length[y]; k++) {
        int weight = kernel.weights[y * kernel.stride + k];
        int row = (kernel.start[y] + k - firstRow) * rowBytes;
        for (int i = 0; i < rowBytes; i++) {
          sums[i] += (in[row + i] & 0xff) * weight;
        }
      }
      for (int i = 0; i < rowBytes; i++) {
        out[y * rowBytes + i] = clip(sums[i]);
      }
    }
    return out;
  }

  private static byte clip(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> PRECISION));
  }

  /** For every output position of one axis: the first input position, how many follow, and their fixed-point weights. */
  private record Kernel(int[] start, int[] length, int[] weights, int stride) {
    /** From the input between two places, of {@code inSize} in all, to outputs {@code first} and following of {@code outSize}. */
    static Kernel of(Resample filter, int inSize, float from, float to, int outSize, int first, int count) {
      double scale = (double) (to - from) / outSize;
      double stretch = Math.max(scale, 1);
      double support = radius(filter) * stretch;
      int stride = (int) Math.ceil(support) * 2 + 1;
      int[] start = new int[count];
      int[] length = new int[count];
      int[] weights = new int[count * stride];
      double[] exact = new double[stride];
      for (int n = 0; n < count; n++) {
        double centre = from + (first + n + 0.5) * scale;
        start[n] = (int) Math.max(0, centre - support + 0.5);
        length[n] = (int) Math.min(inSize, centre + support + 0.5) - start[n];
        double sum = 0;
        for (int k = 0; k < length[n]; k++) {
          exact[k] = weight(filter, Math.abs((k + start[n] - centre + 0.5) * (1 / stretch)));
          sum += exact[k];
        }
        for (int k = 0; k < length[n]; k++) {
          double weight = exact[k] / sum * (1 << PRECISION);
          weights[n * stride + k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
      }
      return new Kernel(start, length, weights, stride);
    }

    private static int radius(Resample filter) {
      return switch (filter) {
        case BILINEAR -> 1;
        case BICUBIC -> 2;
      };
    }

    private static double weight(Resample filter, double x) {
      return switch (filter) {
        case BILINEAR -> Math.max(0, 1 - x);
        case BICUBIC -> x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
      };
    }
  }
}
