package io.accrete.streams.similarity;

/** Arithmetic of embeddings; one way to compute a score, so that equal questions get equal answers, whichever way they were found. */
final class Vectors {
  private static final double ROUNDING = 1e-4; // what is within it of unit length is not rounded once more

  private Vectors() {}

  /** The inner product. */
  static float dot(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException("Expected vectors of one length, found " + a.length + " and " + b.length + ".");
    }
    float first = 0; // several sums, which a processor adds up side by side
    float second = 0;
    float third = 0;
    float fourth = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      first += a[i] * b[i];
      second += a[i + 1] * b[i + 1];
      third += a[i + 2] * b[i + 2];
      fourth += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      first += a[i] * b[i];
    }
    return first + second + (third + fourth);
  }

  /**
   * The same direction at unit length.
   *
   * @throws IllegalArgumentException if it has none; the message is for people
   */
  static float[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    if (!(squares > 0) || Double.isInfinite(squares)) {
      throw new IllegalArgumentException("Expected a vector of finite numbers that are not all 0.");
    }
    if (Math.abs(squares - 1) < ROUNDING) {
      return vector;
    }
    double length = Math.sqrt(squares);
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / length);
    }
    return unit;
  }
}
