package io.accrete.flink;

import io.accrete.bench.SimulatedDevice;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.Runtimes;
import io.accrete.streams.encode.ServedModel;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
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
    AccreteConfig config = config();
    return Model.load(Bundle.read(Path.of(bundle)),
        Runtimes.alone(config));
  }

  /** The model as the app uses it too. */
  ServedModel served(Model model) {
    ServedModel real = ServedModel.of(model, ImageLimits.LOCAL);
    return deviceMillis == 0 ? real : new ServedModel(real.version(), real.encoderHash(),
        new SimulatedDevice(real.encoder().batches().orElseThrow(), Duration.ofMillis(deviceMillis), false), real.folder());
  }
}
