package io.accrete.streams.rollout;

import io.accrete.events.ModelVersion;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import java.time.Instant;

/** Records of the rollouts' topics. */
final class Records {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Records() {}

  static ModelVersion version(String version) {
    return ModelVersion.newBuilder().setModelVersion(version).setBundleUri("file:///models/" + version).setEncoderSha256("e")
        .setAggregatorSha256("a").setManifestSha256("m").setEmbeddingDimension(12).setStateTokens(1).setTokenDimension(12).setImageSize(16)
        .setPublishedAt(START).build();
  }

  static RolloutEvent event(String version, RolloutState state) {
    return RolloutEvent.newBuilder().setModelVersion(version).setState(state).setReason("given").setAt(START).build();
  }

  static RolloutCommand command(RolloutAction action, String version) {
    return RolloutCommand.newBuilder().setAction(action).setModelVersion(version).setAt(START).build();
  }

  static RolloutReport ready(String version, String instance) {
    return report(version, "instance-" + instance, ReportKind.READY).build();
  }

  static RolloutReport failed(String version, String instance, String reason) {
    return report(version, "instance-" + instance, ReportKind.FAILED).setReason(reason).build();
  }

  static RolloutReport removed(String version, int partition) {
    return removed(version, partition, START);
  }

  static RolloutReport removed(String version, int partition, Instant since) {
    return report(version, "partition-" + partition, ReportKind.REMOVED).setSince(since).build();
  }

  static RolloutReport coverage(String version, int partition, long objects, long covered, long unreadable, boolean complete) {
    return report(version, "partition-" + partition, ReportKind.COVERAGE).setObjects(objects).setCovered(covered).setUnreadable(unreadable)
        .setComplete(complete).build();
  }

  private static RolloutReport.Builder report(String version, String reporter, ReportKind kind) {
    return RolloutReport.newBuilder().setModelVersion(version).setReporter(reporter).setKind(kind).setAt(START);
  }

  static RolloutView with(RolloutView view, RolloutReport report) {
    return view.withReport(report.getModelVersion() + "/" + report.getReporter(), report);
  }
}
