package io.accrete.bench;

import io.accrete.config.AccreteConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Counts the committed records of a topic as they can be read, from its beginning. For one thread. */
final class CommittedRecords implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final LongConsumer counted;
  private long count;

  /**
   * Nothing is read yet.
   *
   * @param topic which must exist
   * @param counted is told again and again how many records there are
   */
  CommittedRecords(AccreteConfig config, String topic, LongConsumer counted) {
    this.topic = topic;
    this.counted = counted;
    Map<String, Object> client = config.kafkaClient();
    client.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    client.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /**
   * Waits until there are so many.
   *
   * @param alive throws when waiting makes no sense any more
   * @return how many there are, which may be some more
   */
  long await(long records, Runnable alive) throws InterruptedException {
    long last = System.nanoTime();
    while (count < records) {
      int more = consumer.poll(POLL).count();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      alive.run();
      if (more > 0) {
        last = System.nanoTime();
        count += more;
        counted.accept(count);
      } else if (System.nanoTime() - last > PATIENCE.toNanos()) {
        throw new IllegalStateException("Of " + records + " records of " + topic + ", " + count + " came; then none for "
            + PATIENCE.toSeconds() + " s. The log says why.");
      }
    }
    return count;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
