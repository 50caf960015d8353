package io.accrete.cli;

import io.accrete.events.ReportKind;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.streams.rollout.Coverage;
import io.accrete.streams.rollout.RolloutView;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Where the rollout of one version stands, for people. */
final class RolloutStatus {
  private static final int BAR_ROOM = 23; // Progress's own width
  private static final long BAR_STEPS = 1000;

  private RolloutStatus() {}

  static void print(RolloutView view, RolloutEvent event, int partitions, Instant now, PrintWriter out) {
    String version = event.getModelVersion();
    out.println(version + " is " + event.getState() + " since " + event.getAt().truncatedTo(ChronoUnit.SECONDS)
        + (event.getPaused() ? ", paused" : ""));
    row(out, "reason", event.getReason());
    Map<Integer, RolloutReport> reports = view.partitionReports(version, partitions);
    Coverage coverage = view.coverage(version, partitions);
    if (coverage.reported() > 0) {
      row(out, "coverage", line(coverage, event, now));
      for (int partition = 0; partition < partitions; partition++) {
        row(out, "partition " + partition, line(reports.get(partition), event, now));
      }
    }
    long removed = reports.values().stream().filter(report -> report.getKind() == ReportKind.REMOVED).count();
    if (removed > 0) {
      row(out, "removed from", removed + " of " + partitions + " partitions");
    }
    instances(view, version, out);
    unreadable(reports, coverage, out);
  }

  private static String line(RolloutReport report, RolloutEvent event, Instant now) {
    if (report == null || report.getKind() != ReportKind.COVERAGE) {
      return report == null ? "nothing reported yet" : "removed";
    }
    String line = line(Coverage.of(report), event, now);
    return report.getComplete() ? line + ", complete" : line;
  }

  private static String line(Coverage coverage, RolloutEvent event, Instant now) {
    double share = coverage.share();
    String line = String.format(Locale.ROOT, "%s%5.1f %%  %,d of %,d objects",
        Progress.bar(Math.round(BAR_STEPS * share), BAR_STEPS, BAR_ROOM), 100 * share, coverage.covered(), coverage.objects());
    if (coverage.unreadable() > 0) {
      line += String.format(Locale.ROOT, ", %,d unreadable", coverage.unreadable());
    }
    Optional<Duration> left = coverage.isComplete() ? Optional.empty() : Coverage.left(share, event, now);
    return left.isEmpty() ? line : line + ", " + Progress.time(left.get().toMillis() / 1000.0) + " left";
  }

  private static void instances(RolloutView view, String version, PrintWriter out) {
    if (!view.ready(version).isEmpty()) {
      row(out, "ready", String.join(", ", view.ready(version)));
    }
    for (RolloutReport report : view.reports(version)) {
      if (report.getKind() == ReportKind.FAILED) {
        row(out, "failed", report.getReporter() + ": " + report.getReason());
      }
    }
  }

  private static void unreadable(Map<Integer, RolloutReport> reports, Coverage coverage, PrintWriter out) {
    List<String> objects = new ArrayList<>();
    reports.values().forEach(report -> objects.addAll(report.getUnreadableObjects()));
    if (!objects.isEmpty()) {
      long more = coverage.unreadable() - objects.size();
      row(out, "unreadable", String.join(", ", objects) + (more > 0 ? String.format(Locale.ROOT, " and %,d more", more) : ""));
    }
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf("  %-14s %s%n", name, value);
  }
}
