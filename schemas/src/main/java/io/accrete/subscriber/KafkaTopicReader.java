package io.accrete.subscriber;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads with one consumer, which belongs to no group. */
final class KafkaTopicReader implements TopicReader {
  private static final int TIMEOUT_MS = 15_000;
  private static final Duration FAREWELL = Duration.ofSeconds(1); // nothing is committed: there is little to say

  private final String brokers;
  private final Admin admin;
  private final KafkaConsumer<String, byte[]> consumer;
  private volatile boolean closing;

  KafkaTopicReader(AccreteConfig config) {
    brokers = String.join(",", config.getList(ConfigKeys.BOOTSTRAP_SERVERS));
    Map<String, Object> settings = config.kafkaClient();
    settings.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    admin = Admin.create(settings);
    try {
      settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
      settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
      settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
      settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // so that a lost place is noticed
      consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    } catch (RuntimeException e) {
      admin.close(Duration.ZERO);
      throw e;
    }
  }

  @Override
  public Optional<Extent> find(String topic) {
    try {
      TopicDescription found = admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get();
      List<TopicPartition> partitions =
          found.partitions().stream().map(partition -> new TopicPartition(topic, partition.partition())).toList();
      // The ends are those of all records, not of committed ones: behind a transaction that is open now others may have been committed.
      return Optional.of(new Extent(found.topicId().toString(), offsets(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED),
          offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED),
          offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw failure("topic '" + topic + "'", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("topic '" + topic + "'", e);
    }
  }

  private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec which, IsolationLevel isolation)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    Map<TopicPartition, ListOffsetsResultInfo> found = admin.listOffsets(asked, new ListOffsetsOptions(isolation)).all().get();
    found.forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  @Override
  public void read(Map<TopicPartition, Long> offsets) {
    consumer.assign(offsets.keySet());
    offsets.forEach(consumer::seek);
  }

  @Override
  public Batch poll(Duration wait) {
    try {
      ConsumerRecords<String, byte[]> polled = consumer.poll(wait);
      List<ConsumerRecord<String, byte[]>> records = new ArrayList<>(polled.count());
      polled.forEach(records::add);
      Map<TopicPartition, Long> positions = new HashMap<>();
      polled.nextOffsets().forEach((partition, next) -> positions.put(partition, next.offset()));
      return new Batch(records, positions, Set.of());
    } catch (OffsetOutOfRangeException e) {
      return new Batch(List.of(), Map.of(), Set.copyOf(e.partitions()));
    } catch (KafkaException e) {
      throw failure("the topics of embeddings and rollouts", e);
    }
  }

  private RuntimeException failure(String topics, Throwable cause) {
    if (closing || cause instanceof InterruptedException || cause instanceof InterruptException || cause instanceof WakeupException) {
      return new UnavailableException("nothing", "the subscription ends", cause);
    }
    if (cause instanceof RetriableException) {
      return new UnavailableException("Kafka at " + brokers, cause.getMessage(), cause);
    }
    Throwable told = cause instanceof KafkaException && cause.getCause() != null ? cause.getCause() : cause;
    return new SubscriberException("Cannot read " + topics + " at " + brokers + ": " + told.getMessage() + " Check "
        + ConfigKeys.BOOTSTRAP_SERVERS + ", the kafka.* settings and the rights of this client.", cause);
  }

  @Override
  public void wakeUp() {
    closing = true;
    consumer.wakeup();
    admin.close(Duration.ZERO);
  }

  @Override
  public void close() {
    closing = true;
    admin.close(Duration.ZERO);
    boolean interrupted = Thread.interrupted(); // else Kafka would not take its leave, and say so
    consumer.close(CloseOptions.timeout(FAREWELL));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
