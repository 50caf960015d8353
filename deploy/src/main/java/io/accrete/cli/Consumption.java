package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** How far the app has come with the image events: per partition, the offset up to which everything is committed. */
final class Consumption {
  private final Cluster cluster;
  private final String group;
  private final List<TopicPartition> partitions;

  Consumption(AccreteConfig config, Cluster cluster) {
    this.cluster = cluster;
    this.group = config.getString(ConfigKeys.APPLICATION_ID);
    String events = config.getString(ConfigKeys.TOPIC_IMAGE_EVENTS);
    this.partitions = cluster.partitions(events);
  }

  /** Partition to the first offset that is not committed as processed. */
  Map<Integer, Long> committed() {
    Map<Integer, Long> offsets = offsets(OffsetSpec.earliest());
    known().forEach((partition, offset) -> {
      if (offset != null && partitions.contains(partition)) {
        offsets.put(partition.partition(), offset.offset());
      }
    });
    return offsets;
  }

  /** Partition to the offset of the next event to come. */
  Map<Integer, Long> end() {
    return offsets(OffsetSpec.latest());
  }

  static long sum(Map<Integer, Long> offsets) {
    return offsets.values().stream().mapToLong(Long::longValue).sum();
  }

  private Map<TopicPartition, OffsetAndMetadata> known() {
    try {
      return cluster.await(cluster.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    } catch (GroupIdNotFoundException e) {
      return Map.of();
    }
  }

  private Map<Integer, Long> offsets(OffsetSpec which) {
    Map<Integer, Long> offsets = new HashMap<>();
    cluster.offsets(partitions, which).forEach((partition, offset) -> offsets.put(partition.partition(), offset));
    return offsets;
  }
}
