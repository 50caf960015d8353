package io.accrete.streams.encode;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.runtime.Device;
import io.accrete.runtime.RuntimeOptions;

/** How the configuration wants models to be run. */
public final class Runtimes {
  private Runtimes() {}

  /** Several batches at a time. */
  public static RuntimeOptions shared(AccreteConfig config) {
    return with(config, Threads.of(config).encoder());
  }

  /** One batch at a time. */
  public static RuntimeOptions alone(AccreteConfig config) {
    return with(config, config.getInt(ConfigKeys.INTRA_OP_THREADS));
  }

  private static RuntimeOptions with(AccreteConfig config, int threads) {
    return new RuntimeOptions(Device.of(config.getString(ConfigKeys.DEVICE)), threads, config.getLong(ConfigKeys.CUDA_BYTES));
  }
}
