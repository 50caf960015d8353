package io.accrete.model;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;

/** The few layers with parameters that all models share, with the usual names: {@code <name>.weight}, {@code <name>.bias}. */
final class Layers<T> {
  private final Algebra<T> a;

  Layers(Algebra<T> algebra) {
    this.a = algebra;
  }

  T linear(String name, T x, int in, int out, boolean bias, Init init) {
    return a.linear(x, a.parameter(name + ".weight", init, out, in), bias ? a.parameter(name + ".bias", Init.ZEROS, out) : null);
  }

  T linear(String name, T x, int in, int out) {
    return linear(name, x, in, out, true, Init.TRUNCATED_NORMAL);
  }

  T layerNorm(String name, T x, int dimension, float epsilon) {
    return a.layerNorm(x, a.parameter(name + ".weight", Init.ONES, dimension), a.parameter(name + ".bias", Init.ZEROS, dimension), epsilon);
  }

  /** [batch, length, heads · d] → [batch, heads, length, d]. */
  T splitHeads(T x, int length, int heads, int dimension) {
    return a.transpose(a.reshape(x, -1, length, heads, dimension / heads), 0, 2, 1, 3);
  }

  /** The inverse of {@link #splitHeads}. */
  T mergeHeads(T x, int length, int dimension) {
    return a.reshape(a.transpose(x, 0, 2, 1, 3), -1, length, dimension);
  }

  static double scale(int dimension, int heads) {
    return 1 / Math.sqrt((double) dimension / heads);
  }
}
