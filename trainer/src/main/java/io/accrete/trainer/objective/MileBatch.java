package io.accrete.trainer.objective;

/**
 * Sequences of crops of some objects, each with its photos in an order of its own.
 *
 * @param <I> images in plain Java: bytes [n, size, size, 3] for an encoder, or floats [n, T, D], the tokens of a frozen one
 * @param objects n
 * @param globals the two large crops
 * @param locals the small ones
 */
public record MileBatch<I>(int objects, Crops<I> globals, Crops<I> locals) {
  /**
   * Crops of one size.
   *
   * @param count crops of each photo; 0 for none
   * @param length photos of a sequence
   * @param images [crop][object][photo]
   */
  public record Crops<I>(int count, int length, I images) {}
}
