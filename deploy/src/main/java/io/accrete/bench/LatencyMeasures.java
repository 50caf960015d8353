package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How long it takes from an event to an embedding that can be read.
 *
 * @param images sent at once to find the capacity
 * @param capacity images a second that came out of these
 * @param rate live events a second
 * @param latencies of the live events, from when each was to be sent
 * @param bareMillis what decoding and encoding one photo alone takes, the median
 */
public record LatencyMeasures(int images, double capacity, double rate, Latencies latencies, double bareMillis) {
  /** The median latency by the bare encoder's time. */
  @JsonProperty
  public double p50Ratio() {
    return latencies.p50() / bareMillis;
  }

  /** The same of the 99th percentile. */
  @JsonProperty
  public double p99Ratio() {
    return latencies.p99() / bareMillis;
  }
}
