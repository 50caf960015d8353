package io.accrete.model;

/**
 * The shape of a consensus.
 *
 * @param dimension D
 * @param heads attention heads of the adapter; they divide D
 * @param registers R of the encoder; the tokens are CLS, R registers, P patches
 * @param patches P of the encoder
 * @param adapter whether each image's CLS is changed by what it finds among the image's own tokens
 * @param exemplars state tokens, at least 1: up to so many images are kept apart; with 1, all count alike
 */
public record ConsensusConfig(int dimension, int heads, int registers, int patches, boolean adapter, int exemplars)
    implements AggregatorConfig {
  public ConsensusConfig {
    if (dimension < 1 || heads < 1 || dimension % heads != 0) {
      throw new IllegalArgumentException("The number of heads must divide the dimension; found " + heads + " heads and dimension "
          + dimension + ".");
    }
    if (registers < 0 || patches < 0) {
      throw new IllegalArgumentException("Registers and patches must be at least 0; found " + registers + " and " + patches + ".");
    }
    if (exemplars < 1) {
      throw new IllegalArgumentException("Expected at least 1 exemplar, found " + exemplars + ".");
    }
  }

  @Override
  public Aggregator aggregator() {
    return new ConsensusAggregator(this);
  }

  @Override
  public ConsensusConfig withPatches(int number) {
    return new ConsensusConfig(dimension, heads, registers, number, adapter, exemplars);
  }
}
