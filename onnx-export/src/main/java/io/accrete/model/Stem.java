package io.accrete.model;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;
import java.util.List;

/** How an image [batch, 3, H, W] becomes a map of patch features [batch, D, H / stride, W / stride]. */
public sealed interface Stem {
  /** Pixels per patch and side. */
  int stride();

  /** Applies the stem; {@code dimension} is D. */
  <T> T apply(Algebra<T> a, T pixels, int dimension);

  /** One convolution whose kernel is its stride: the ViT's patch embedding. */
  record Patch(int size) implements Stem {
    @Override
    public int stride() {
      return size;
    }

    @Override
    public <T> T apply(Algebra<T> a, T pixels, int dimension) {
      return conv(a, "patch", pixels, 3, dimension, size, size, 0);
    }
  }

  /**
   * Stages that each halve the map with a 3×3 convolution and refine it with residual 3×3 blocks; then a 1×1 projection to D.
   *
   * @param channels width of each stage, multiples of {@link #GROUP}
   * @param blocks residual blocks per stage
   */
  record Convolutional(List<Integer> channels, int blocks) implements Stem {
    private static final int GROUP = 16;
    private static final float EPSILON = 1e-5f;

    public Convolutional {
      channels = List.copyOf(channels);
      if (channels.isEmpty() || channels.stream().anyMatch(c -> c < GROUP || c % GROUP != 0)) {
        throw new IllegalArgumentException("The stem's channels must be multiples of " + GROUP + "; found " + channels + ".");
      }
    }

    @Override
    public int stride() {
      return 1 << channels.size();
    }

    @Override
    public <T> T apply(Algebra<T> a, T pixels, int dimension) {
      T x = pixels;
      int in = 3;
      for (int stage = 0; stage < channels.size(); stage++) {
        int width = channels.get(stage);
        String name = "stem." + stage;
        x = a.relu(normalized(a, name + ".down", x, in, width, 2));
        for (int block = 0; block < blocks; block++) {
          String part = name + ".blocks." + block;
          T inner = a.relu(normalized(a, part + ".0", x, width, width, 1));
          x = a.relu(a.add(x, normalized(a, part + ".1", inner, width, width, 1)));
        }
        in = width;
      }
      return conv(a, "stem.projection", x, in, dimension, 1, 1, 0);
    }

    private static <T> T normalized(Algebra<T> a, String name, T x, int in, int out, int stride) {
      T y = conv(a, name + ".conv", x, in, out, 3, stride, 1);
      return a.groupNorm(y, out / GROUP, a.parameter(name + ".norm.weight", Init.ONES, out),
          a.parameter(name + ".norm.bias", Init.ZEROS, out), EPSILON);
    }
  }

  private static <T> T conv(Algebra<T> a, String name, T x, int in, int out, int kernel, int stride, int padding) {
    T weight = a.parameter(name + ".weight", Init.HE, out, in, kernel, kernel);
    return a.conv2d(x, weight, a.parameter(name + ".bias", Init.ZEROS, out), stride, padding);
  }
}
