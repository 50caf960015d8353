package io.accrete.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.accrete.model.Aggregator;
import io.accrete.model.ConsensusAggregator;
import io.accrete.model.ConsensusConfig;
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
 * @param adapter of {@code consensus}: whether each photo's CLS is changed by what it finds in the photo
 * @param exemplars of {@code consensus}: photos, or groups of like ones, that are kept apart
 */
public record AggregatorRecipe(
    Kind kind, Integer heads, MileConfig.Mode mode, Boolean clsKey, Boolean explicitResidual, Boolean adapter, Integer exemplars) {
  /** Aggregators by name. */
  public enum Kind {
    @JsonProperty("mean")
    MEAN,
    @JsonProperty("mile")
    MILE,
    @JsonProperty("consensus")
    CONSENSUS
  }

  public AggregatorRecipe {
    Recipe.require("aggregator.kind", kind);
    heads = heads == null ? 1 : heads;
    mode = mode == null ? MileConfig.Mode.PATCHES : mode;
    clsKey = clsKey == null || clsKey;
    explicitResidual = explicitResidual != null && explicitResidual;
    adapter = adapter == null || adapter;
    exemplars = exemplars == null ? 4 : exemplars; // enough to tell one or two strangers among a dozen photos
    Recipe.positive("aggregator.exemplars", exemplars);
  }

  /** The aggregator for an encoder with these tokens. */
  public Aggregator aggregator(int dimension, int registers, int patches) {
    return switch (kind) {
      case MEAN -> new MeanAggregator(dimension);
      case MILE -> new MileAggregator(new MileConfig(patches == 0 && mode == MileConfig.Mode.PATCHES ? MileConfig.Mode.CLS : mode, clsKey,
          dimension, heads, registers, patches, explicitResidual, true));
      case CONSENSUS -> new ConsensusAggregator(new ConsensusConfig(dimension, heads, registers, patches, adapter, exemplars));
    };
  }
}
