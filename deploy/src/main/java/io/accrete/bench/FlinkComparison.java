package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * The app beside the same job on Apache Flink.
 *
 * @param images timed in each run
 * @param commitMillis time between the app's commits
 * @param deviceMillis of the simulated accelerator for a batch
 * @param rate events a second for the latencies: half of the smallest {@code imagesPerSecond}
 * @param flink the job, by time between its checkpoints
 */
public record FlinkComparison(int images, int commitMillis, long deviceMillis, double rate, JobMeasures app, List<Flink> flink) {
  /**
   * The job on Flink, and the app by it.
   *
   * @param throughputRatio the app's images a second by Flink's: more is better for the app
   * @param simulatedRatio the same with the simulated accelerator
   * @param p50Ratio the app's median latency by Flink's: less is better for the app
   * @param p99Ratio the same of the 99th percentile
   */
  public record Flink(long checkpointMillis, JobMeasures measures, double throughputRatio, double simulatedRatio, double p50Ratio,
      double p99Ratio) {
    Flink(long checkpointMillis, JobMeasures flink, JobMeasures app) {
      this(checkpointMillis, flink, app.imagesPerSecond() / flink.imagesPerSecond(),
          app.simulatedImagesPerSecond() / flink.simulatedImagesPerSecond(), app.latency().p50() / flink.latency().p50(),
          app.latency().p99() / flink.latency().p99());
    }
  }

  /** The app's images a second by those of the fastest job on Flink. */
  @JsonProperty
  public double throughputRatio() {
    return flink.stream().mapToDouble(Flink::throughputRatio).min().orElseThrow();
  }

  /** The app's 99th percentile by that of the job on Flink with the smallest. */
  @JsonProperty
  public double p99Ratio() {
    return flink.stream().mapToDouble(Flink::p99Ratio).max().orElseThrow();
  }
}
