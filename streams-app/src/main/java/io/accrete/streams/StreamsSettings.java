package io.accrete.streams;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.streams.ahead.PollInterceptor;
import io.accrete.streams.ahead.Polled;
import io.accrete.streams.rollout.InstanceId;
import io.accrete.streams.store.RocksDbMemory;
import io.accrete.streams.topology.AccreteTopology;
import io.accrete.topics.Topics;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;

/** The settings of Kafka Streams that follow from Accrete's. */
final class StreamsSettings {
  private static final long BUFFER_BYTES = 32L * 1024 * 1024; // Kafka's default
  private static final int RECORDS_IN_BUFFER = 4;
  private static final int BATCH_BYTES = 256 * 1024; // of a partition: by default one photo fills it, and each is a request of its own
  private static final int BUFFERED_RECORDS = 100; // a queue of images, not of small records
  private static final int POLL_MS = 10; // what is done between records, sweeping above all, waits for the poll when no record comes
  private static final int SESSION_TIMEOUT_MS = 10_000; // an instance that was killed keeps its partitions waiting this long
  private static final int POLL_INTERVAL_MS = 300_000; // Kafka's default; a transaction that may take longer must not cost the partitions

  private StreamsSettings() {}

  /** The directory under which Kafka Streams keeps its state. */
  static Path stateDirectory(AccreteConfig config) {
    return config.stateDirectory().toAbsolutePath().normalize();
  }

  /**
   * All settings; {@code kafka.*} keys of the configuration override what is not essential to correctness.
   *
   * @param polled what is to see the records before they are processed
   */
  static Properties of(AccreteConfig config, RocksDbMemory memory, Polled<?> polled) {
    int transaction = config.getInt(ConfigKeys.TRANSACTION_TIMEOUT);
    requireShort(config, ConfigKeys.COMMIT_INTERVAL, transaction);
    requireShort(config, ConfigKeys.COMMIT_BACKLOG_INTERVAL, transaction);
    Map<String, Object> settings = new LinkedHashMap<>();
    sizes(settings, new Topics(config).maxMessageBytes());
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_TIMEOUT_MS);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG), Math.max(POLL_INTERVAL_MS, transaction));
    settings.put(StreamsConfig.POLL_MS_CONFIG, (long) POLL_MS);
    settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED); // a task has one partition
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.getInt(ConfigKeys.TOPIC_REPLICATION));
    settings.putAll(memory.streamsConfig());
    settings.putAll(config.kafkaClient());
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.getString(ConfigKeys.APPLICATION_ID));
    // By this the brokers tell which instances there are, each of which must have a new model ready before it is used.
    settings.put(StreamsConfig.CLIENT_ID_CONFIG, config.getString(ConfigKeys.APPLICATION_ID) + "-" + InstanceId.of(config));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory(config).toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    // A handler that goes on would lose the event whose processing failed.
    settings.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndFailProcessingExceptionHandler.class);
    settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, DefaultProductionExceptionHandler.class);
    settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Threads.of(config).streams());
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, (long) config.getInt(ConfigKeys.COMMIT_BACKLOG_INTERVAL));
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), transaction);
    intercept(settings, polled);
    String server = server(config);
    if (!server.isEmpty()) {
      settings.put(StreamsConfig.APPLICATION_SERVER_CONFIG, server);
    }
    Properties properties = new Properties();
    properties.putAll(settings);
    return properties;
  }

  private static void requireShort(AccreteConfig config, String interval, int transaction) {
    int millis = config.getInt(interval);
    if (millis > transaction / AccreteTopology.TRANSACTION_SHARES) {
      throw new ConfigException(interval + " is " + millis + "; it must be at most a quarter of transaction.timeout.ms, which is "
          + transaction + ".");
    }
  }

  private static void intercept(Map<String, Object> settings, Polled<?> polled) {
    String key = StreamsConfig.mainConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG);
    Object others = settings.get(key);
    settings.put(key, PollInterceptor.class.getName() + (others == null ? "" : "," + others));
    settings.put(StreamsConfig.mainConsumerPrefix(PollInterceptor.POLLED), polled); // not the other consumers: they restore
  }

  private static void sizes(Map<String, Object> settings, int record) {
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), record);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG),
        Math.max(BUFFER_BYTES, (long) RECORDS_IN_BUFFER * record));
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), record);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, BUFFERED_RECORDS);
  }

  /** host:port under which other instances reach this one's HTTP API; empty: nothing that can be said beforehand. */
  static String server(AccreteConfig config) {
    String server = config.getString(ConfigKeys.APPLICATION_SERVER);
    int port = config.getInt(ConfigKeys.API_PORT);
    return !server.isEmpty() || port == 0 ? server : name(config.getString(ConfigKeys.API_HOST)).map(host -> host + ":" + port).orElse("");
  }

  /** What listens on all addresses is reached by this machine's name. */
  private static Optional<String> name(String host) {
    try {
      return Optional.of(InetAddress.getByName(host).isAnyLocalAddress() ? InetAddress.getLocalHost().getHostName() : host);
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
