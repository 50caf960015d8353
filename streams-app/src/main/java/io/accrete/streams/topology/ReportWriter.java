package io.accrete.streams.topology;

import io.accrete.events.ReportKind;
import io.accrete.events.RolloutReport;
import io.accrete.state.SweepState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.Record;

/** From the sweep of a partition to the record that tells of it. */
final class ReportWriter {
  private final Serializer<SpecificRecord> serializer;
  private final RegistryPatience registry;
  private final String topic;

  ReportWriter(Serializer<SpecificRecord> serializer, RegistryPatience registry, String topic) {
    this.serializer = serializer;
    this.registry = registry;
    this.topic = topic;
  }

  /** How far it is at this time (milliseconds since 1970). */
  Record<byte[], byte[]> report(Tally tally, int partition, long now) {
    SweepState state = tally.state();
    RolloutReport report = RolloutReport.newBuilder().setModelVersion(tally.version()).setReporter("partition-" + partition)
        .setKind(state.getRemoval() ? ReportKind.REMOVED : ReportKind.COVERAGE)
        .setObjects(state.getObjects()).setCovered(state.getCovered())
        .setUnreadable(state.getUnreadable()).setUnreadableObjects(state.getUnreadableObjects())
        .setComplete(!state.getRemoval() && state.getComplete()).setSince(state.getSince()).setAt(Instant.ofEpochMilli(now)).build();
    byte[] key = (report.getModelVersion() + "/" + report.getReporter()).getBytes(StandardCharsets.UTF_8);
    return new Record<>(key, registry.write(() -> serializer.serialize(topic, report)), now);
  }
}
