package io.accrete.subscriber;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What a subscription asks of Kafka. Methods throw {@link UnavailableException} if it cannot be had now, {@link SubscriberException} if it
 * never will be.
 */
interface TopicReader extends AutoCloseable {
  /**
   * A topic as it is now.
   *
   * @param beginnings of each partition, the offset of the first record
   * @param decided of each partition, the offset of the first record whose transaction is open, or else the end: what is committed later
   *     lies behind it
   * @param ends of each partition, the offset of the next record to be written
   */
  record Extent(String topicId, Map<TopicPartition, Long> beginnings, Map<TopicPartition, Long> decided,
      Map<TopicPartition, Long> ends) {}

  /**
   * What one poll brought.
   *
   * @param positions where reading goes on, of the partitions that got further; also over records that are not for readers
   * @param lost partitions that do not have the place any more at which they were read; then nothing was read
   */
  record Batch(List<ConsumerRecord<String, byte[]>> records, Map<TopicPartition, Long> positions, Set<TopicPartition> lost) {}

  /** The topic, if there is one of this name. */
  Optional<Extent> find(String topic);

  /** From now on reads exactly these partitions, from these offsets on, committed records only. */
  void read(Map<TopicPartition, Long> offsets);

  /** What comes next, within the time. */
  Batch poll(Duration wait);

  /** Ends a call that another thread waits in; calls after that may fail. */
  void wakeUp();

  @Override
  void close();
}
