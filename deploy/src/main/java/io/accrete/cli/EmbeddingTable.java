package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The newest embedding of every object, from one embeddings topic; only what was committed. Not for several threads. */
final class EmbeddingTable implements AutoCloseable {
  private final KafkaConsumer<String, ObjectEmbedding> consumer;
  private final List<TopicPartition> partitions;
  private final Map<String, ObjectEmbedding> latest = new TreeMap<>();

  /** Opens the topic, which must exist, at its beginning. */
  EmbeddingTable(AccreteConfig config, String topic, Deserializer<ObjectEmbedding> deserializer) {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    consumer = new KafkaConsumer<>(settings, new StringDeserializer(), deserializer);
    partitions = consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Goes to the end of what is there now, without reading it. */
  void skipToEnd() {
    consumer.seekToEnd(partitions);
  }

  /** Takes in everything that is committed now; {@code onChange} gets each record in turn, a null embedding for an object that is gone. */
  void catchUp(BiConsumer<String, ObjectEmbedding> onChange) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
      poll(Duration.ofMillis(200), onChange);
    }
  }

  /** Takes in what arrives within the time. */
  void poll(Duration wait, BiConsumer<String, ObjectEmbedding> onChange) {
    for (ConsumerRecord<String, ObjectEmbedding> changed : consumer.poll(wait)) {
      if (changed.value() == null) {
        latest.remove(changed.key());
      } else {
        latest.put(changed.key(), changed.value());
      }
      onChange.accept(changed.key(), changed.value());
    }
  }

  /** Object id to embedding, in order of object id; a live view. */
  Map<String, ObjectEmbedding> latest() {
    return latest;
  }

  /** Makes a waiting or the next poll end with a WakeupException; for another thread. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
