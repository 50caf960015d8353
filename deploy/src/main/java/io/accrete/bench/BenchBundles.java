package io.accrete.bench;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Manifest.Shapes;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.onnx.OnnxFile;
import io.accrete.tensor.Parameters;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Models with fresh weights, for measuring: as much work as trained ones, and embeddings that depend on the order of the images. */
public final class BenchBundles {
  private static final int HEAD = 64;
  private static final long OTHER_SEED = 1000;
  private static final String DESCRIPTION = "Random weights, to measure with. Not for use.";

  private BenchBundles() {}

  /**
   * Writes a bundle of the shape of the default recipe's encoder.
   *
   * @param seed of the weights; each is another model version
   * @param size pixels per side, a multiple of 16
   * @param dimension length of a token, a multiple of 128
   * @param depth number of transformer blocks
   */
  public static Bundle write(Path folder, long seed, int size, int dimension, int depth) {
    Stem stem = new Stem.Convolutional(List.of(dimension / 8, dimension / 4, dimension / 2, dimension), 1);
    VitConfig vit = VitConfig.plain(stem, size, dimension, depth, Math.max(1, dimension / HEAD));
    EncoderGraph encoder =
        EncoderGraph.of(new Vit(vit), Parameters.random(seed), Preprocessing.imageNet(size * 8 / 7, size), false, Map.of());
    return write(folder, "bench-" + seed, encoder, seed + 1);
  }

  /** Writes a bundle of the same encoder with another aggregator. */
  static Bundle otherAggregator(Bundle bundle, Path folder) {
    Shapes shapes = bundle.manifest().shapes();
    EncoderGraph encoder = new EncoderGraph(OnnxFile.read(bundle.encoder()), bundle.preprocessing(), shapes.tokens(), shapes.registers(),
        shapes.dimension(), Map.of());
    return write(folder, "bench-other-aggregator", encoder, OTHER_SEED);
  }

  private static Bundle write(Path folder, String name, EncoderGraph encoder, long seed) {
    int patches = encoder.tokens() - 1 - encoder.registers();
    int heads = encoder.dimension() % HEAD == 0 ? encoder.dimension() / HEAD : 1;
    MileConfig mile = new MileConfig(patches > 0 ? MileConfig.Mode.PATCHES : MileConfig.Mode.CLS, true, encoder.dimension(), heads,
        encoder.registers(), patches, false, false);
    AggregatorGraph aggregator =
        AggregatorGraph.of(new MileAggregator(mile), Parameters.random(seed), encoder.tokens(), false, Map.of());
    return BundleWriter.write(new BundleDraft(name, DESCRIPTION, encoder, aggregator), folder, false);
  }
}
