package io.accrete.streams.topology;

import java.time.Instant;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Where and when an event entered. All times and numbers that are published come from here, so that a replay yields the same records. */
record Origin(String topic, int partition, long offset, Instant timestamp) {
  static Origin of(RecordMetadata metadata, long timestamp) {
    return new Origin(metadata.topic(), metadata.partition(), metadata.offset(), Instant.ofEpochMilli(timestamp));
  }
}
