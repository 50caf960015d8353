package io.accrete.bench;

import java.util.Arrays;

/**
 * How long live events took from being sent to an embedding that can be read.
 *
 * @param events how many they were; percentiles of few say little
 * @param p50 milliseconds
 * @param p99 milliseconds
 */
public record Latencies(int events, double p50, double p99) {
  static Latencies of(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Latencies(sorted.length, percentile(sorted, 0.5), percentile(sorted, 0.99));
  }

  private static double percentile(long[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
  }
}
