package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.BatchEncoder;
import io.accrete.streams.encode.Runtimes;
import io.accrete.streams.encode.ServedModel;
import java.time.Duration;
import java.util.function.Function;

/** The ways in which benchmarks use a model. */
public final class Serving {
  private Serving() {}

  /** Loads a model as the configuration wants it run. */
  static Model load(Bundle bundle, AccreteConfig config) {
    return Model.load(bundle, Runtimes.shared(config));
  }

  /** As it is. */
  static ServedModel real(Model model) {
    return ServedModel.of(model, ImageLimits.LOCAL);
  }

  /** As it is, or with its encoder on an accelerator that takes this time for a batch; photos are decoded and folded as ever. */
  public static ServedModel of(Model model, long deviceMillis) {
    return deviceMillis == 0 ? real(model) : simulated(real(model), deviceMillis, false);
  }

  /** With its encoder on such an accelerator. */
  static Function<Model, ServedModel> simulated(long deviceMillis) {
    return model -> of(model, deviceMillis);
  }

  /** The same with an accelerator that decodes, too. */
  static Function<Model, ServedModel> decoding(long deviceMillis) {
    return model -> simulated(real(model), deviceMillis, true);
  }

  private static ServedModel simulated(ServedModel real, long deviceMillis, boolean decodes) {
    return new ServedModel(real.version(), real.encoderHash(),
        new SimulatedDevice(batches(real), Duration.ofMillis(deviceMillis), decodes), real.folder());
  }

  static BatchEncoder batches(ServedModel model) {
    return model.encoder().batches().orElseThrow();
  }
}
