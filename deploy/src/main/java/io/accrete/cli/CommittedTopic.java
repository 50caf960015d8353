package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads all partitions of a topic, committed records only, from its beginning; belongs to no consumer group. Not for several threads. */
final class CommittedTopic<V> implements AutoCloseable {
  private final Cluster cluster;
  private final KafkaConsumer<String, V> consumer;
  private final List<TopicPartition> partitions;

  /** Opens the topic; throws with a message for people if there is no broker or no such topic. */
  CommittedTopic(AccreteConfig config, String topic, Deserializer<V> deserializer) {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    cluster = Cluster.connect(config);
    try {
      partitions = cluster.partitions(topic);
      consumer = new KafkaConsumer<>(settings, new StringDeserializer(), deserializer);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Goes to the end of what is there now, without reading it. */
  void skipToEnd() {
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position); // seeking is lazy: settle the place now
  }

  /**
   * Hands over everything that is committed now; waits for the transactions that are open. One that is committed already may look open:
   * each partition has a marker of its own, and the offsets of what was read for it are committed a little before.
   */
  void catchUp(Consumer<ConsumerRecord<String, V>> sink) {
    Map<TopicPartition, Long> ends = cluster.offsets(partitions, OffsetSpec.latest());
    while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
      poll(Duration.ofMillis(200), sink);
    }
  }

  /** Hands over what arrives within the time. */
  void poll(Duration wait, Consumer<ConsumerRecord<String, V>> sink) {
    try {
      consumer.poll(wait).forEach(sink);
    } catch (RecordDeserializationException e) {
      throw new IllegalStateException("Cannot read " + e.topicPartition() + " at offset " + e.offset() + ": "
          + Errors.message(e.getCause() == null ? e : e.getCause()), e);
    }
  }

  @Override
  public void close() {
    consumer.close();
    cluster.close();
  }
}
