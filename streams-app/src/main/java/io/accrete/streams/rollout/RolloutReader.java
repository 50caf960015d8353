package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ModelVersion;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.serde.AvroSerdeException;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the topics say of rollouts, from their beginnings, committed records only; belongs to no consumer group. A record that cannot
 * be read is passed over with a message. Not for several threads, but for {@link #wakeup}. What a call throws leaves it unusable.
 */
public final class RolloutReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RolloutReader.class);
  private static final int TIMEOUT_MS = 15_000;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final String versions;
  private final String events;
  private final List<TopicPartition> partitions;
  private final Deserializer<ModelVersion> versionValues;
  private final Deserializer<RolloutEvent> eventValues;
  private final Deserializer<RolloutReport> reportValues;
  private final KafkaConsumer<String, byte[]> consumer;
  private RolloutView view = RolloutView.empty();

  /** Opens the topics, which must exist; reads nothing yet. */
  public RolloutReader(AccreteConfig config) {
    Topics topics = new Topics(config);
    versions = topics.modelVersions();
    events = topics.modelRollouts();
    partitions = List.of(versions, events, topics.rolloutReports()).stream().map(topic -> new TopicPartition(topic, 0)).toList();
    versionValues = AvroSerdes.deserializer(ModelVersion.class, config);
    eventValues = AvroSerdes.deserializer(RolloutEvent.class, config);
    reportValues = AvroSerdes.deserializer(RolloutReport.class, config);
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** What the topics say now: reads to the end of what is committed. */
  public RolloutView catchUp() {
    // In this order: a rollout is of a version that was published before, which must not be missed.
    Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions.subList(1, partitions.size())));
    ends.putAll(consumer.endOffsets(partitions.subList(0, 1)));
    return readTo(ends);
  }

  /** What is known, with all that has come since; waits no longer than that for more. */
  public RolloutView poll(Duration wait) {
    consumer.poll(wait).forEach(this::apply);
    return view;
  }

  /** Reads until it has come past these records, which were committed: their writer knows what it wrote. */
  RolloutView readPast(List<RecordMetadata> written) {
    Map<TopicPartition, Long> ends = new HashMap<>();
    written.forEach(record -> ends.merge(new TopicPartition(record.topic(), record.partition()), record.offset() + 1, Math::max));
    return readTo(ends);
  }

  private RolloutView readTo(Map<TopicPartition, Long> ends) {
    while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      poll(POLL);
    }
    return view;
  }

  private void apply(ConsumerRecord<String, byte[]> record) {
    String topic = record.topic();
    try {
      if (record.key() == null) {
        log.warn("A record without a key is passed over: {} at offset {}", topic, record.offset());
      } else if (topic.equals(versions)) {
        view = view.withVersion(record.key(), versionValues.deserialize(topic, record.value()));
      } else if (topic.equals(events)) {
        view = view.withEvent(record.key(), eventValues.deserialize(topic, record.value()));
      } else {
        view = view.withReport(record.key(), reportValues.deserialize(topic, record.value()));
      }
    } catch (RuntimeException e) {
      if (AvroSerdeException.Reason.of(e) == AvroSerdeException.Reason.REGISTRY_UNAVAILABLE) {
        throw e;
      }
      log.warn("A record is passed over, as it cannot be read: {} at offset {}, {}", topic, record.offset(), e.getMessage());
    }
  }

  /** Ends a call that is waiting, by a {@link org.apache.kafka.common.errors.WakeupException}; from any thread. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(CLOSING));
    versionValues.close();
    eventValues.close();
    reportValues.close();
  }
}
