package io.accrete.flink;

import io.accrete.bench.Serving;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.Runtimes;
import io.accrete.streams.encode.ServedModel;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.HashMap;

/**
 * What the job's operators need to know, in a form that travels with them.
 *
 * @param values the configuration, by key
 * @param bundle folder of the model
 * @param deviceMillis of a simulated accelerator for a batch; 0: the real encoder
 */
record JobSettings(HashMap<String, String> values, String bundle, long deviceMillis) implements Serializable {
  JobSettings(AccreteConfig config, Path bundle, long deviceMillis) {
    this(new HashMap<>(config.originalsStrings()), bundle.toString(), deviceMillis);
  }

  AccreteConfig config() {
    return AccreteConfig.of(values);
  }

  Model load() {
    return Model.load(Bundle.read(Path.of(bundle)), Runtimes.alone(config()));
  }

  /** The model as the app uses it too. */
  ServedModel served(Model model) {
    return Serving.of(model, deviceMillis);
  }
}
