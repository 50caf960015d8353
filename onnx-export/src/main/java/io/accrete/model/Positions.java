package io.accrete.model;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Tensor;

/**
 * Bicubic interpolation of a position table to another grid, equal to PyTorch's {@code interpolate(mode="bicubic",
 * align_corners=False)}. It is linear and separable, so it is written as two small matrix products: exact in the exported graph
 * (where ONNX Runtime folds it into a constant) and differentiable in training.
 */
final class Positions {
  private Positions() {}

  /** Table [1, g·g, D] of the configuration's grid g → [1, side·side, D]. */
  static <T> T forGrid(Algebra<T> a, T table, VitConfig config, int side) {
    int grid = config.grid();
    if (side == grid) {
      return table;
    }
    int d = config.dimension();
    T matrix = a.constant(matrix(grid, side, config.antialiasPositions()));
    T rows = a.reshape(a.matMul(matrix, a.reshape(table, grid, grid * d)), side, grid, d);
    return a.reshape(a.matMul(matrix, rows), 1, side * side, d);
  }

  /** The [to, from] matrix of one axis. */
  static Tensor matrix(int from, int to, boolean antialias) {
    float[] values = new float[to * from];
    double scale = (double) from / to;
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * scale;
      if (antialias) {
        antialiased(values, i * from, from, centre, Math.max(scale, 1));
      } else {
        plain(values, i * from, from, centre - 0.5);
      }
    }
    return new Tensor(values, to, from);
  }

  /** Four taps of the kernel with a = -0.75; taps outside the table fall on its edge. */
  private static void plain(float[] values, int row, int from, double position) {
    int left = (int) Math.floor(position);
    for (int tap = left - 1; tap <= left + 2; tap++) {
      values[row + Math.min(Math.max(tap, 0), from - 1)] += (float) cubic(position - tap, -0.75);
    }
  }

  /** The kernel with a = -0.5, as wide as the reduction asks; taps outside the table are left out and the rest sums to one. */
  private static void antialiased(float[] values, int row, int from, double centre, double width) {
    int first = Math.max((int) (centre - 2 * width + 0.5), 0);
    int end = Math.min((int) (centre + 2 * width + 0.5), from);
    double sum = 0;
    for (int tap = first; tap < end; tap++) {
      sum += cubic((tap - centre + 0.5) / width, -0.5);
    }
    for (int tap = first; tap < end; tap++) {
      values[row + tap] = (float) (cubic((tap - centre + 0.5) / width, -0.5) / sum);
    }
  }

  /** Keys' cubic convolution kernel. */
  private static double cubic(double distance, double a) {
    double x = Math.abs(distance);
    if (x >= 2) {
      return 0;
    }
    return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  }
}
