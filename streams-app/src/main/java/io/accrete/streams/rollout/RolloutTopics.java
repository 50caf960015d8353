package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ModelVersion;
import io.accrete.events.RolloutEvent;
import io.accrete.serde.AvroSerdeException;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code model-versions} and {@code model-rollouts}: committed records, from the beginning, in no consumer group. For one thread, but
 * for {@link #wakeup}.
 */
final class RolloutTopics implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RolloutTopics.class);
  private static final int TIMEOUT_MS = 15_000;

  /** Takes what the topics say, in the order of each topic; null values say that there is nothing any more. */
  interface Sink {
    void published(String version, ModelVersion model);

    void entered(String version, RolloutEvent event);
  }

  private final TopicPartition versions;
  private final TopicPartition rollouts;
  private final Deserializer<ModelVersion> models;
  private final Deserializer<RolloutEvent> events;
  private final KafkaConsumer<String, byte[]> consumer;
  private Map<TopicPartition, Long> ends;

  RolloutTopics(AccreteConfig config) {
    Topics topics = new Topics(config);
    versions = new TopicPartition(topics.modelVersions(), 0);
    rollouts = new TopicPartition(topics.modelRollouts(), 0);
    models = AvroSerdes.deserializer(ModelVersion.class, config);
    events = AvroSerdes.deserializer(RolloutEvent.class, config);
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    consumer.assign(List.of(versions, rollouts));
    consumer.seekToBeginning(List.of(versions, rollouts));
  }

  /** Hands over what arrives within the time. If that fails, the next call goes on with the record that it failed at. */
  void poll(Duration wait, Sink sink) {
    Map<TopicPartition, Long> next = new HashMap<>();
    List.of(versions, rollouts).forEach(partition -> next.put(partition, consumer.position(partition)));
    ConsumerRecords<String, byte[]> records = consumer.poll(wait);
    try {
      for (ConsumerRecord<String, byte[]> record : records) {
        handOver(record, sink);
        next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      }
    } catch (RuntimeException e) {
      next.forEach(consumer::seek);
      throw e;
    }
  }

  /** Whether everything was handed over that the topics held when this was first asked. */
  boolean caughtUp() {
    if (ends == null) {
      // In this order: a rollout is of a version that was published before, which must not be missed.
      Map<TopicPartition, Long> found = new HashMap<>(consumer.endOffsets(List.of(rollouts)));
      found.putAll(consumer.endOffsets(List.of(versions)));
      ends = found;
    }
    return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private void handOver(ConsumerRecord<String, byte[]> record, Sink sink) {
    try {
      if (record.topic().equals(versions.topic())) {
        sink.published(record.key(), models.deserialize(record.topic(), record.value()));
      } else {
        sink.entered(record.key(), events.deserialize(record.topic(), record.value()));
      }
    } catch (RuntimeException e) {
      if (AvroSerdeException.Reason.of(e) == AvroSerdeException.Reason.REGISTRY_UNAVAILABLE) {
        throw e;
      }
      log.error("{} at offset {} cannot be read and is passed over: {}", record.topic(), record.offset(), e.getMessage());
    }
  }

  /** Ends a {@link #poll} of another thread with a {@link org.apache.kafka.common.errors.WakeupException}. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
    models.close();
    events.close();
  }
}
