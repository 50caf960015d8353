package io.accrete.config;

/**
 * How many threads of each kind an instance has: as configured, or, where that says 0, as the machine's cores suggest. They share the
 * cores: decoders and encoder do the work and take turns, stream threads mostly wait for them.
 *
 * @param streams stream threads. At least three: while one polls and one commits, the encoder works for the third
 * @param decoders threads that decode images
 * @param fetchers threads that fetch content by reference; they wait, and need no core
 * @param encoders batches that are encoded at the same time on the CPU: several with one thread each do more than one with several
 * @param encoder threads ONNX Runtime uses for one batch
 */
public record Threads(int streams, int decoders, int fetchers, int encoders, int encoder) {
  private static final int FEWEST_STREAMS = 3;
  private static final int MOST_STREAMS = 8;
  private static final int CORES_PER_STREAM = 2;

  /** The threads of an instance on this machine. */
  public static Threads of(AccreteConfig config) {
    return of(config, Runtime.getRuntime().availableProcessors());
  }

  static Threads of(AccreteConfig config, int cores) {
    int streams = Math.max(FEWEST_STREAMS, Math.min(MOST_STREAMS, cores / CORES_PER_STREAM));
    int encoder = or(config, ConfigKeys.INTRA_OP_THREADS, 1);
    return new Threads(or(config, ConfigKeys.STREAM_THREADS, streams), or(config, ConfigKeys.AHEAD_DECODERS, cores),
        config.getInt(ConfigKeys.AHEAD_FETCHERS), Math.max(1, cores / encoder), encoder);
  }

  private static int or(AccreteConfig config, String key, int suggested) {
    int configured = config.getInt(key);
    return configured == 0 ? suggested : configured;
  }
}
