package io.accrete.model;

import java.util.Optional;

/** The shape of an aggregator: all that is needed, beside its weights, to make it again. */
public sealed interface AggregatorConfig permits MeanAggregator, MileConfig, ConsensusConfig {
  /** The aggregator of this shape. */
  Aggregator aggregator();

  /** The shape of an aggregator; empty for one that is defined elsewhere. */
  static Optional<AggregatorConfig> of(Aggregator aggregator) {
    if (aggregator instanceof MeanAggregator mean) {
      return Optional.of(mean);
    }
    if (aggregator instanceof MileAggregator mile) {
      return Optional.of(mile.config());
    }
    return aggregator instanceof ConsensusAggregator consensus ? Optional.of(consensus.config()) : Optional.empty();
  }

  /** The same over another number of patches, that of images of another size; the parameters are the same. */
  AggregatorConfig withPatches(int number);
}
