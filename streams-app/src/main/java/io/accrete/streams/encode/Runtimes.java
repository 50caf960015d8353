package io.accrete.streams.encode;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.runtime.Device;
import io.accrete.runtime.RuntimeOptions;

/** How the configuration wants models to be run. */
public final class Runtimes {
  private Runtimes() {}

  /** Its device, threads and memory. */
  public static RuntimeOptions of(AccreteConfig config) {
    return new RuntimeOptions(Device.of(config.getString(ConfigKeys.DEVICE)), Threads.of(config).encoder(),
        config.getLong(ConfigKeys.CUDA_BYTES));
  }
}
