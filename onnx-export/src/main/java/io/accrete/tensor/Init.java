package io.accrete.tensor;

import java.util.Arrays;
import java.util.Random;

/** How a learned tensor starts when there is no checkpoint. */
@FunctionalInterface
public interface Init {
  Init ZEROS = constant(0);
  Init ONES = constant(1);

  /** The usual start of a transformer's weights: normal with deviation .02, cut at two deviations. */
  Init TRUNCATED_NORMAL = truncatedNormal(0.02);

  /** He's start for convolutions followed by a rectifier: deviation sqrt(2 / fan-in), where the fan-in is all axes but the first. */
  Init HE = (random, shape) -> truncatedNormal(Math.sqrt(2.0 * shape[0] / Tensor.size(shape))).values(random, shape);

  /** Values for a tensor of this shape; the same generator state gives the same values on every machine. */
  float[] values(Random random, int... shape);

  static Init constant(float value) {
    return (random, shape) -> {
      float[] values = new float[Tensor.size(shape)];
      Arrays.fill(values, value);
      return values;
    };
  }

  static Init truncatedNormal(double deviation) {
    return (random, shape) -> {
      float[] values = new float[Tensor.size(shape)];
      for (int i = 0; i < values.length; i++) {
        double z;
        do {
          z = random.nextGaussian();
        } while (Math.abs(z) > 2);
        values[i] = (float) (z * deviation);
      }
      return values;
    };
  }
}
