package io.accrete.streams.ahead;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Shows what a stream thread's main consumer polled to the {@link Polled} in its configuration, before Kafka Streams sees it. */
public final class PollInterceptor implements ConsumerInterceptor<byte[], byte[]> {
  /** The consumer's setting that holds the {@link Polled}. */
  public static final String POLLED = "accrete.polled";

  private Polled<?> polled;
  private int most = Integer.MAX_VALUE; // records of a poll

  @Override
  public void configure(Map<String, ?> configs) {
    polled = (Polled<?>) configs.get(POLLED);
    if (configs.containsKey(ConsumerConfig.MAX_POLL_RECORDS_CONFIG)) {
      most = Integer.parseInt(configs.get(ConsumerConfig.MAX_POLL_RECORDS_CONFIG).toString());
    }
  }

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    polled.add(records, records.count() >= most);
    return records; // the same: with its records come the offsets that are committed
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {} // never called within transactions

  @Override
  public void close() {
    polled.clear();
  }
}
