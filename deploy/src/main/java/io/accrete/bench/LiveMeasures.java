package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * A rollout under live traffic, and back.
 *
 * @param objects in all
 * @param images folded before the live traffic
 * @param ingestImagesPerSecond how fast these were folded
 * @param rate live events a second
 * @param before latencies before the new version was published
 * @param warming while it was published, fetched and loaded
 * @param backfilling while objects were folded again
 * @param after from then on, under both versions
 * @param backfillSeconds how long objects were folded again
 * @param flipped the new version when it served
 * @param rolledBack the old version when it served again
 * @param draining the new version at that time
 * @param spaces what a subscriber was told to be in, one after the other
 * @param subscribed what was wrong in what it was delivered
 */
public record LiveMeasures(
    int objects, int images, double ingestImagesPerSecond, double rate, Latencies before, Latencies warming, Latencies backfilling,
    Latencies after, double backfillSeconds, Proof flipped, Proof rolledBack, Proof draining, List<String> spaces,
    List<String> subscribed) {

  /** Latency while objects were folded again by that before, the median. */
  @JsonProperty
  public double p50Ratio() {
    return backfilling.p50() / before.p50();
  }

  /** The same of the 99th percentile. */
  @JsonProperty
  public double p99Ratio() {
    return backfilling.p99() / before.p99();
  }
}
