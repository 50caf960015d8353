package io.accrete.bundle;

import io.accrete.model.MeanAggregator;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A small vision transformer with fresh weights and the mean aggregator: a weak start. */
public final class UntrainedBundle {
  static final String TRAINING = "training"; // in the lineage
  static final String UNTRAINED = "none";
  private static final String NAME = "untrained-vit";
  private static final int IMAGE_SIZE = 96;
  private static final int DIMENSION = 192;
  private static final long SEED = 1;

  private UntrainedBundle() {}

  /** The shape of its encoder: a convolutional stem down to 6 × 6 patches, then four transformer blocks. */
  public static VitConfig encoder() {
    return VitConfig.plain(new Stem.Convolutional(List.of(32, 64, 128, 192), 1), IMAGE_SIZE, DIMENSION, 4, 3);
  }

  /** Writes it; the same version on every machine. A bundle at the target is replaced unless it is one of these. */
  public static Bundle write(Path target) {
    if (Files.exists(target.resolve(Bundle.MANIFEST))) {
      Bundle there = Bundle.read(target);
      if (there.manifest().name().equals(NAME)) {
        return there;
      }
    }
    Vit vit = new Vit(encoder());
    EncoderGraph encoder = EncoderGraph.of(vit, Parameters.random(SEED), Preprocessing.imageNet(IMAGE_SIZE * 8 / 7, IMAGE_SIZE), false,
        Map.of("encoder", "ViT with convolutional stem", TRAINING, UNTRAINED, "seed", Long.toString(SEED)));
    AggregatorGraph aggregator =
        AggregatorGraph.of(new MeanAggregator(DIMENSION), Parameters.random(SEED), encoder.tokens(), false, Map.of("aggregator", "mean"));
    return BundleWriter.write(new BundleDraft(NAME, """
        This model is **untrained**: its weights are random. It shows how the system works and answers with unit-length vectors, and
        photos that look alike in colour and coarse structure come out somewhat alike. Do not judge retrieval quality by it, and do not
        use it in production: import a trained encoder with `accrete models import`, or train one.
        """, encoder, aggregator), target, true);
  }
}
