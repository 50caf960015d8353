package io.accrete.runtime;

/**
 * How a model is run.
 *
 * @param device where the encoder runs
 * @param intraOpThreads threads for one operation; 0: the number of cores
 */
public record RuntimeOptions(Device device, int intraOpThreads) {
  public RuntimeOptions {
    if (intraOpThreads < 0) {
      throw new IllegalArgumentException("The number of threads must be at least 0 (0: the number of cores); found " + intraOpThreads
          + ".");
    }
  }

  /** The CPU, with as many threads as cores. */
  public static RuntimeOptions cpu() {
    return new RuntimeOptions(Device.CPU, 0);
  }
}
