package io.accrete.cli;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.EncoderGraph;
import io.accrete.model.MeanAggregator;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.MileConfig.Mode;
import io.accrete.tensor.Parameters;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Which aggregator an imported encoder gets. */
final class AggregatorOptions {
  private enum Kind {
    MEAN,
    MILE
  }

  @Option(names = "--aggregator", paramLabel = "mean|mile",
      description = "mean needs no training; mile is untrained and only a start. Default: mean.")
  private Kind kind = Kind.MEAN;

  @Option(names = "--mode", paramLabel = "cls|registers|patches", description = "mile: the tokens that the state attends to. Default: cls.")
  private Mode mode = Mode.CLS;

  @Option(names = "--cls-key", description = "mile: with --mode patches, attend to CLS too.")
  private boolean clsKey;

  @Option(names = "--heads", description = "mile: attention heads. Default: 1.")
  private int heads = 1;

  @Option(names = "--explicit-residual", description = "mile: add the feed-forward network to the state itself.")
  private boolean explicitResidual;

  @Option(names = "--random-start", description = "mile: start from random output weights. Default: start by leaving the state as it is.")
  private boolean randomStart;

  @Option(names = "--seed", description = "mile: seed of the random weights. Default: 1.")
  private long seed = 1;

  AggregatorGraph graph(EncoderGraph encoder) {
    Map<String, String> lineage = new TreeMap<>();
    if (kind == Kind.MEAN) {
      lineage.put("aggregator", "mean");
      return AggregatorGraph.of(new MeanAggregator(encoder.dimension()), Parameters.random(seed), encoder.tokens(), false, lineage);
    }
    int patches = encoder.tokens() - 1 - encoder.registers();
    MileConfig config = new MileConfig(mode, clsKey, encoder.dimension(), heads, encoder.registers(), patches, explicitResidual,
        !randomStart);
    lineage.put("aggregator", "MILE, untrained");
    lineage.put("aggregator.config", config.toString());
    lineage.put("aggregator.seed", Long.toString(seed));
    return AggregatorGraph.of(new MileAggregator(config), Parameters.random(seed), encoder.tokens(), false, lineage);
  }

  String description() {
    return kind == Kind.MEAN
        ? "the running mean of the images' unit-length features as its aggregator"
        : "a MILE aggregator that is **untrained**: its weights are " + (randomStart ? "random" : "such that the first image decides")
        + ". Train it before use";
  }
}
