package io.accrete.tensor;

import java.util.Random;

/** Where an interpreter finds the values of a model's parameters. */
@FunctionalInterface
public interface Parameters {
  /**
   * The value of one parameter.
   *
   * @throws IllegalArgumentException if there is none, or it has another shape
   */
  Tensor get(String name, Init init, int... shape);

  /** Fresh values. Each depends on the seed and the parameter's name alone, not on the order in which a model asks. */
  static Parameters random(long seed) {
    return (name, init, shape) -> new Tensor(init.values(new Random(seed * 0x9E3779B97F4A7C15L + name.hashCode()), shape), shape);
  }
}
