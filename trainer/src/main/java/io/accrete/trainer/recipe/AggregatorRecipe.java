package io.accrete.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.accrete.model.Aggregator;
import io.accrete.model.LearnedMeanAggregator;
import io.accrete.model.LearnedMeanConfig;
import io.accrete.model.LearnedMeanConfig.Weighting;
import io.accrete.model.MeanAggregator;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;

/**
 * An aggregator.
 *
 * @param kind which
 * @param heads attention heads
 * @param mode of {@code mile}: the tokens that the state attends to
 * @param clsKey of {@code mile}: with patches, whether CLS is among them
 * @param explicitResidual of {@code mile}
 * @param adapter of {@code learned-mean}: whether each photo's CLS is changed by what it finds in the photo
 * @param weighting of {@code learned-mean}: how much a photo counts
 * @param residual of {@code learned-mean}: whether a learned residual is added to the mean
 * @param memory of {@code learned-mean}: state tokens that the residual is computed from
 */
public record AggregatorRecipe(
    Kind kind, Integer heads, MileConfig.Mode mode, Boolean clsKey, Boolean explicitResidual, Boolean adapter, Weighting weighting,
    Boolean residual, Integer memory) {
  /** Aggregators by name. */
  public enum Kind {
    @JsonProperty("mean")
    MEAN,
    @JsonProperty("mile")
    MILE,
    @JsonProperty("learned-mean")
    LEARNED_MEAN
  }

  public AggregatorRecipe {
    Recipe.require("aggregator.kind", kind);
    heads = heads == null ? 1 : heads;
    mode = mode == null ? MileConfig.Mode.PATCHES : mode;
    clsKey = clsKey == null || clsKey;
    explicitResidual = explicitResidual != null && explicitResidual;
    adapter = adapter == null || adapter;
    weighting = weighting == null ? Weighting.AGREEMENT : weighting;
    residual = residual != null && residual;
    memory = memory == null ? 0 : memory;
  }

  /** The aggregator for an encoder with these tokens. */
  public Aggregator aggregator(int dimension, int registers, int patches) {
    return switch (kind) {
      case MEAN -> new MeanAggregator(dimension);
      case MILE -> new MileAggregator(new MileConfig(patches == 0 && mode == MileConfig.Mode.PATCHES ? MileConfig.Mode.CLS : mode, clsKey,
          dimension, heads, registers, patches, explicitResidual, true));
      case LEARNED_MEAN -> new LearnedMeanAggregator(new LearnedMeanConfig(dimension, heads, registers, patches, adapter, weighting,
          residual, memory));
    };
  }
}
