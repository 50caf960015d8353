package io.accrete.streams.http;

import io.accrete.events.RolloutState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model version, and how far its rollout is.
 *
 * @param paused whether its sweep rests
 * @param since when it entered its state
 * @param reason why it did, for a person
 * @param coverage share of the objects that are folded under it, 0 to 1
 * @param unreadable objects that cannot be
 * @param left time until all are, as it has gone so far; empty where nothing is left or it cannot be told
 * @param partitions those that have said how far they are
 * @param parent the version that it was trained from
 * @param metrics its scores on held-back objects, by name
 */
public record ModelView(String version, RolloutState state, boolean paused, Instant since, String reason, double coverage, long unreadable,
    Optional<Duration> left, List<Partition> partitions, Optional<String> parent, Instant publishedAt, Map<String, Double> metrics) {
  /**
   * How far one partition of the image events is.
   *
   * @param coverage share of its objects that are folded under the version, 0 to 1
   * @param complete whether nothing is left to be done
   */
  public record Partition(int partition, double coverage, long objects, long covered, long unreadable, boolean complete) {}
}
