package io.accrete.bench;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The smallest Kafka Streams application that keeps something for each object and publishes something for each event, exactly once: one
 * persistent store, values of a fixed size, and nothing that reads the event.
 */
final class PlainAggregation implements AutoCloseable {
  /** Where it publishes. */
  static final String TOPIC = "plain-embeddings";

  private final KafkaStreams streams;

  private PlainAggregation(KafkaStreams streams) {
    this.streams = streams;
  }

  /**
   * Begins, with as many partitions and threads and the interval of commits that the configuration asks for.
   *
   * @param stateBytes kept for an object
   * @param publishedBytes of each event
   */
  static PlainAggregation start(AccreteConfig config, int stateBytes, int publishedBytes) throws InterruptedException {
    try (Admin admin = Admin.create(config.kafkaClient())) {
      NewTopic topic = new NewTopic(TOPIC, Optional.of(config.getInt(ConfigKeys.TOPIC_PARTITIONS)), Optional.empty());
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The topic " + TOPIC + " cannot be created: " + e.getCause().getMessage(), e.getCause());
    }
    PlainAggregation started = new PlainAggregation(new KafkaStreams(topology(config, stateBytes, publishedBytes), settings(config)));
    started.streams.start();
    return started;
  }

  private static Topology topology(AccreteConfig config, int stateBytes, int publishedBytes) {
    byte[] published = new byte[publishedBytes];
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(new Topics(config).imageEvents(), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .groupByKey(Grouped.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .aggregate(() -> new byte[stateBytes], (key, event, state) -> next(state, event),
            Materialized.<byte[], byte[], KeyValueStore<Bytes, byte[]>>as("objects").withKeySerde(Serdes.ByteArray())
                .withValueSerde(Serdes.ByteArray()).withCachingDisabled()) // a cache would publish less than one for each event
        .toStream().mapValues(state -> published).to(TOPIC, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
    return builder.build();
  }

  private static byte[] next(byte[] state, byte[] event) {
    byte[] next = state.clone();
    next[0] += event[event.length - 1];
    return next;
  }

  private static Properties settings(AccreteConfig config) {
    int record = new Topics(config).maxMessageBytes();
    Properties settings = new Properties();
    settings.putAll(config.kafkaClient());
    settings.putAll(Map.of(
        StreamsConfig.APPLICATION_ID_CONFIG, "plain",
        StreamsConfig.STATE_DIR_CONFIG, config.stateDirectory().toString(),
        StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2,
        StreamsConfig.NUM_STREAM_THREADS_CONFIG, Threads.of(config).streams(),
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, (long) config.getInt(ConfigKeys.COMMIT_BACKLOG_INTERVAL),
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), record,
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), record));
    return settings;
  }

  /** Throws if it has ended. */
  void requireAlive() {
    if (streams.state().hasStartedOrFinishedShuttingDown()) {
      throw new IllegalStateException("The plain aggregation stopped. The log says why.");
    }
  }

  @Override
  public void close() {
    streams.close();
  }
}
