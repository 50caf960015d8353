package io.accrete.cli;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.DefaultBundle;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.model.MeanAggregator;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.Runtimes;
import io.accrete.tensor.Parameters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The bundles that the configuration and the commands name. */
final class Bundles {
  /** What stands for the default bundle where a folder is asked for; a folder of that name is './default'. */
  static final String DEFAULT = "default";

  /** The same for the bundle with random weights. */
  static final String UNTRAINED = "untrained";

  /** Both, for descriptions. */
  static final String NAMES = "'" + DEFAULT + "' or '" + UNTRAINED + "'";

  private Bundles() {}

  /** The bundle that the configuration names, else the default one. */
  static Bundle configured(AccreteConfig config) {
    String named = config.getString(ConfigKeys.BUNDLE);
    return named(named.isEmpty() ? DEFAULT : named, config);
  }

  /** The bundle in a folder, or one of ours by its name; those are written on first use, beside the local state. */
  static Bundle named(String name, AccreteConfig config) {
    return switch (name) {
      case DEFAULT -> DefaultBundle.write(config.stateDirectory().resolve("default-bundle"));
      case UNTRAINED -> UntrainedBundle.write(config.stateDirectory().resolve("untrained-bundle"));
      default -> Bundle.read(Path.of(name));
    };
  }

  /** The encoder of a bundle, or of an ONNX file that takes RGB in 0 to 1, which then becomes a bundle with the mean at {@code target}. */
  static Bundle encoder(Path bundleOrFile, Path target) {
    if (Files.isDirectory(bundleOrFile)) {
      return Bundle.read(bundleOrFile);
    }
    EncoderGraph encoder = new ForeignOptions().wrap(bundleOrFile, 0);
    AggregatorGraph mean = AggregatorGraph.of(new MeanAggregator(encoder.dimension()), Parameters.random(0), encoder.tokens(), false,
        Map.of("aggregator", "mean"));
    String name = bundleOrFile.getFileName().toString().replaceFirst("\\.onnx$", "").replaceAll("[^A-Za-z0-9._-]", "-");
    return BundleWriter.write(new BundleDraft(name, "A teacher.", encoder, mean), target, true);
  }

  /** Loads a bundle as the configuration wants it run. */
  static Model load(Bundle bundle, AccreteConfig config) {
    return Model.load(bundle, Runtimes.alone(config));
  }
}
