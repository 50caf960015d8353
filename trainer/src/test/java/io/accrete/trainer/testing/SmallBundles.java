package io.accrete.trainer.testing;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.Aggregator;
import io.accrete.model.MeanAggregator;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Algebra;
import io.accrete.tensor.Parameters;
import java.nio.file.Path;
import java.util.Map;

/** Bundles of a few kilobytes that run in no time. */
public final class SmallBundles {
  public static final int SIDE = 16;
  public static final int DIMENSION = 12;

  private SmallBundles() {}

  /** Tells plain colours apart. */
  public static Bundle seeing(Path folder) {
    return write(folder, draft("seeing", null, 1, new MeanAggregator(DIMENSION), Map.of()));
  }

  /** Hardly sees: its pixels are scaled to next to nothing. */
  public static Bundle blind(Path folder) {
    return write(folder, draft("blind", null, 1e6, new MeanAggregator(DIMENSION), Map.of()));
  }

  /** Sees, but its state is the last image alone. */
  public static Bundle forgetful(Path folder) {
    return write(folder, draft("forgetful", null, 1, new LastImage(), Map.of()));
  }

  /** The seeing one with scores, and a version of its own if one is given. */
  public static Bundle scored(Path folder, String version, Map<String, Double> metrics) {
    return write(folder, draft("seeing", version, 1, new MeanAggregator(DIMENSION), metrics));
  }

  private static Bundle write(Path folder, BundleDraft draft) {
    return BundleWriter.write(draft, folder, false);
  }

  private static BundleDraft draft(String name, String version, double std, Aggregator aggregator, Map<String, Double> metrics) {
    VitConfig vit = VitConfig.plain(new Stem.Patch(8), SIDE, DIMENSION, 1, 2);
    Preprocessing imageNet = Preprocessing.imageNet(SIDE, SIDE);
    Preprocessing preprocessing = new Preprocessing(imageNet.resize(), SIDE, SIDE, imageNet.resample(), imageNet.rescaleFactor(),
        imageNet.mean(), imageNet.std().stream().map(value -> value * std).toList());
    EncoderGraph encoder = EncoderGraph.of(new Vit(vit), Parameters.random(1), preprocessing, false, Map.of());
    AggregatorGraph folding = AggregatorGraph.of(aggregator, Parameters.random(1), encoder.tokens(), false, Map.of());
    return new BundleDraft(name, version, "For a test.", encoder, folding, Map.of("objective", "mile", "parent", "elder"), metrics);
  }

  private record LastImage() implements Aggregator {
    @Override
    public int stateTokens() {
      return 1;
    }

    @Override
    public int dimension() {
      return DIMENSION;
    }

    @Override
    public <T> T first(Algebra<T> a, T tokens) {
      return a.slice(tokens, 1, 0, 1);
    }

    @Override
    public <T> T next(Algebra<T> a, T state, T tokens, T count) {
      return first(a, tokens);
    }
  }
}
