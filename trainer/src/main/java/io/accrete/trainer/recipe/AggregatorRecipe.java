package io.accrete.trainer.recipe;

import io.accrete.model.Aggregator;
import io.accrete.model.MeanAggregator;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;

/**
 * An aggregator.
 *
 * @param kind which
 * @param mode of MILE: the tokens that the state attends to
 * @param clsKey of MILE: with patches, whether CLS is among them
 * @param heads of MILE
 * @param explicitResidual of MILE
 */
public record AggregatorRecipe(Kind kind, MileConfig.Mode mode, Boolean clsKey, Integer heads, Boolean explicitResidual) {
  /** Aggregators by name. */
  public enum Kind {
    MEAN,
    MILE
  }

  public AggregatorRecipe {
    Recipe.require("aggregator.kind", kind);
    mode = mode == null ? MileConfig.Mode.PATCHES : mode;
    clsKey = clsKey == null || clsKey;
    heads = heads == null ? 1 : heads;
    explicitResidual = explicitResidual != null && explicitResidual;
  }

  /** The aggregator for an encoder with these tokens. */
  public Aggregator aggregator(int dimension, int registers, int patches) {
    return switch (kind) {
      case MEAN -> new MeanAggregator(dimension);
      case MILE -> new MileAggregator(new MileConfig(mode, clsKey, dimension, heads, registers, patches, explicitResidual, true));
    };
  }
}
