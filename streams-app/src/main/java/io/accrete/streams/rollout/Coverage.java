package io.accrete.streams.rollout;

import io.accrete.events.ReportKind;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * How far the partitions of the image events are with a model version, in total.
 *
 * @param objects objects of the partitions that have reported, as far as they know
 * @param covered those of them that have a latent of the version
 * @param unreadable those of them that cannot have one, as an image cannot be read any more
 * @param complete partitions of which every object is covered or unreadable
 * @param reported partitions that have reported
 * @param partitions partitions there are
 */
public record Coverage(long objects, long covered, long unreadable, int complete, int reported, int partitions) {
  static Coverage of(Collection<RolloutReport> reports, int partitions) {
    long objects = 0;
    long covered = 0;
    long unreadable = 0;
    int complete = 0;
    int reported = 0;
    for (RolloutReport report : reports) {
      if (report.getKind() == ReportKind.COVERAGE) {
        objects += report.getObjects();
        covered += report.getCovered();
        unreadable += report.getUnreadable();
        complete += report.getComplete() ? 1 : 0;
        reported++;
      }
    }
    return new Coverage(objects, covered, unreadable, complete, reported, partitions);
  }

  /** How far one partition is. */
  public static Coverage of(RolloutReport report) {
    return of(List.of(report), 1);
  }

  /**
   * Time until all objects are covered, as it has gone since the sweep began; empty where nothing moves, is covered yet, or is left.
   *
   * @param share of the objects that are covered, 0 to 1
   */
  public static Optional<Duration> left(double share, RolloutEvent event, Instant now) {
    boolean moves = event.getState() == RolloutState.BACKFILLING && !event.getPaused() && share > 0 && share < 1;
    long gone = Duration.between(event.getAt(), now).toMillis();
    return moves && gone > 0 ? Optional.of(Duration.ofMillis(Math.round(gone * (1 - share) / share))) : Optional.empty();
  }

  /** Whether nothing is left to be done. */
  public boolean isComplete() {
    return complete == partitions;
  }

  /** Share of the objects that are covered, 0 to 1; partitions that have not reported are taken for as large as those that have. */
  public double share() {
    if (objects == 0) {
      return isComplete() ? 1 : 0;
    }
    return Math.min(1, (double) covered / objects * reported / partitions);
  }

  /** Share of the objects that are unreadable, 0 to 1. */
  public double unreadableShare() {
    return objects == 0 ? 0 : (double) unreadable / objects;
  }
}
