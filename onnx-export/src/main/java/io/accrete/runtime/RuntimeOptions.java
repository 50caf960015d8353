package io.accrete.runtime;

/**
 * How a model is run.
 *
 * @param device where the encoder runs
 * @param intraOpThreads threads for one operation of the encoder; 0: the number of cores. The aggregator, which is small, has one
 * @param deviceBytes most memory of a GPU that the encoder may take; 0: as much as it likes
 */
public record RuntimeOptions(Device device, int intraOpThreads, long deviceBytes) {
  public RuntimeOptions {
    if (deviceBytes < 0) {
      throw new IllegalArgumentException("The memory must be at least 0 bytes (0: no limit); found " + deviceBytes + ".");
    }
    if (intraOpThreads < 0) {
      throw new IllegalArgumentException("The number of threads must be at least 0 (0: the number of cores); found " + intraOpThreads
          + ".");
    }
  }

  /** As the canonical one, without a limit for memory. */
  public RuntimeOptions(Device device, int intraOpThreads) {
    this(device, intraOpThreads, 0);
  }

  /** The CPU, with as many threads as cores. */
  public static RuntimeOptions cpu() {
    return new RuntimeOptions(Device.CPU, 0);
  }
}
