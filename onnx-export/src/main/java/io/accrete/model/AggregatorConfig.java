package io.accrete.model;

/** The shape of an aggregator: all that is needed, beside its weights, to make it again. */
public sealed interface AggregatorConfig permits MeanAggregator, MileConfig, ConsensusConfig {
  /** The aggregator of this shape. */
  Aggregator aggregator();

  /** The same over another number of patches, that of images of another size; the parameters are the same. */
  AggregatorConfig withPatches(int number);
}
