package io.accrete.retrieval;

/** Arithmetic on embeddings, summed in double precision. */
public final class Vectors {
  private Vectors() {}

  /** Inner product of two vectors of one length. */
  public static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** The mean of unit vectors, scaled to unit length; zeros stay zeros. */
  static float[] unitMean(float[][] vectors) {
    double[] sum = new double[vectors[0].length];
    for (float[] vector : vectors) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += vector[i];
      }
    }
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    double scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    float[] unit = new float[sum.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (sum[i] * scale);
    }
    return unit;
  }

  /** The same direction at unit length; zeros stay zeros. */
  static float[] unit(float[] vector) {
    return unitMean(new float[][] {vector});
  }
}
