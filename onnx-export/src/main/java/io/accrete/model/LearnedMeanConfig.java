package io.accrete.model;

/**
 * The shape of a learned mean. Without adapter, weighting and residual it is the plain mean; the adapter alone is the mean of adapted
 * single images.
 *
 * @param dimension D
 * @param heads attention heads; they divide D
 * @param registers R of the encoder; the tokens are CLS, R registers, P patches
 * @param patches P of the encoder
 * @param adapter whether each image's CLS is changed by what it finds among the image's own tokens, before the mean
 * @param weighting how much an image counts
 * @param residual whether a learned residual, itself averaged over the images, is added to the mean
 * @param memory further state tokens that the residual is computed from; 0 without a residual
 */
public record LearnedMeanConfig(
    int dimension, int heads, int registers, int patches, boolean adapter, Weighting weighting, boolean residual, int memory)
    implements AggregatorConfig {
  /** What the weight of an image depends on. */
  public enum Weighting {
    /** All images count alike. */
    NONE,
    /** The image. */
    QUALITY,
    /** The image, and how well it agrees with the mean of those before it. */
    AGREEMENT
  }

  public LearnedMeanConfig {
    if (dimension < 1 || heads < 1 || dimension % heads != 0) {
      throw new IllegalArgumentException("The number of heads must divide the dimension; found " + heads + " heads and dimension "
          + dimension + ".");
    }
    if (registers < 0 || patches < 0 || memory < 0) {
      throw new IllegalArgumentException("Registers, patches and memory must be at least 0; found " + registers + ", " + patches + " and "
          + memory + ".");
    }
    if (memory > 0 && !residual) {
      throw new IllegalArgumentException("Memory tokens serve the residual; found " + memory
          + " and no residual. Use residual = true or memory = 0.");
    }
  }

  @Override
  public Aggregator aggregator() {
    return new LearnedMeanAggregator(this);
  }

  boolean weighted() {
    return weighting != Weighting.NONE;
  }

  /** The mean; the residual and its memory; the sum of weights. */
  int stateTokens() {
    return 1 + (residual ? 1 + memory : 0) + (weighted() ? 1 : 0);
  }

  @Override
  public LearnedMeanConfig withPatches(int number) {
    return new LearnedMeanConfig(dimension, heads, registers, number, adapter, weighting, residual, memory);
  }
}
