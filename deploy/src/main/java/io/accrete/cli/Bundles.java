package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.DefaultBundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.runtime.Device;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bundle that a configuration names. */
final class Bundles {
  private Bundles() {}

  /** Reads it; the default bundle is written on first use, beside the local state. */
  static Bundle configured(AccreteConfig config) {
    String named = config.getString(ConfigKeys.BUNDLE);
    if (!named.isEmpty()) {
      return Bundle.read(Path.of(named));
    }
    Path ours = config.stateDirectory().resolve("default-bundle");
    return Files.exists(ours.resolve(Bundle.MANIFEST)) ? Bundle.read(ours) : DefaultBundle.write(ours);
  }

  /** Loads a bundle as the configuration wants it run. */
  static Model load(Bundle bundle, AccreteConfig config) {
    return Model.load(bundle, new RuntimeOptions(Device.of(config.getString(ConfigKeys.DEVICE)),
        config.getInt(ConfigKeys.INTRA_OP_THREADS)));
  }
}
