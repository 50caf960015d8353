package io.accrete.model;

/**
 * The shape of a MILE aggregator.
 *
 * @param mode which of an image's tokens the state attends to
 * @param clsKey in {@code PATCHES}, whether CLS is among them
 * @param dimension D
 * @param heads attention heads; they divide D
 * @param registers R of the encoder; the tokens are CLS, R registers, P patches
 * @param patches P of the encoder
 * @param explicitResidual whether the feed-forward network is added to the state itself instead of to the attended state
 * @param identityStart whether fresh weights leave the state as it is, so that training starts from the first image
 */
public record MileConfig(
    Mode mode, boolean clsKey, int dimension, int heads, int registers, int patches, boolean explicitResidual, boolean identityStart)
    implements AggregatorConfig {
  /** Keys and values of the cross-attention. */
  public enum Mode {
    /** CLS alone. */
    CLS,
    /** CLS and registers; the state has the same tokens. */
    REGISTERS,
    /** The patches. */
    PATCHES
  }

  public MileConfig {
    if (dimension < 1 || heads < 1 || dimension % heads != 0) {
      throw new IllegalArgumentException("The number of heads must divide the dimension; found " + heads + " heads and dimension "
          + dimension + ".");
    }
    if (mode == Mode.REGISTERS && registers < 1) {
      throw new IllegalArgumentException("Mode 'registers' needs an encoder with register tokens; this one has none."
          + " Use 'cls' or 'patches'.");
    }
    if (mode == Mode.PATCHES && patches < 1) {
      throw new IllegalArgumentException("Mode 'patches' needs an encoder that gives patch tokens; this one gives CLS alone. Use 'cls'.");
    }
  }

  @Override
  public Aggregator aggregator() {
    return new MileAggregator(this);
  }

  /** T of the encoder. */
  int tokens() {
    return 1 + registers + patches;
  }

  int stateTokens() {
    return mode == Mode.REGISTERS ? 1 + registers : 1;
  }

  int keys() {
    return switch (mode) {
      case CLS -> 1;
      case REGISTERS -> 1 + registers;
      case PATCHES -> patches + (clsKey ? 1 : 0);
    };
  }

  @Override
  public MileConfig withPatches(int number) {
    return new MileConfig(mode, clsKey, dimension, heads, registers, number, explicitResidual, identityStart);
  }
}
