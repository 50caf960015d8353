package io.accrete.flink;

import io.accrete.bench.ChildJob;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.state.rocksdb.RocksDBOptions;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The job, on a cluster of Flink in this process. One reader and one encoder, as there is one device; the folds of objects run side by
 * side. The asynchronous encoding keeps the order of the source's records, and so that of each object's photos.
 */
final class FlinkJob implements ChildJob {
  private static final MemorySize STATE_MEMORY = MemorySize.ofMebiBytes(256); // as much as RocksDB has in the app
  private static final int BATCHES_AHEAD = 3; // one is encoded, one is ready, one is being decoded
  private static final Duration ENCODING_TIMEOUT = Duration.ofMinutes(1);
  private static final String NAME = "accrete-flink";

  private final JobClient client;
  private final CompletableFuture<?> result;

  private FlinkJob(JobClient client) {
    this.client = client;
    result = client.getJobExecutionResult();
  }

  /**
   * What a job of its own process is told.
   *
   * @param args configuration file, bundle, milliseconds of a simulated accelerator or 0, milliseconds between checkpoints, directory for
   *     state and checkpoints
   */
  public static void main(String[] args) {
    ChildJob.run(() -> start(AccreteConfig.load(Path.of(args[0]), Map.of(), Map.of()), Path.of(args[1]), Long.parseLong(args[2]),
        Duration.ofMillis(Long.parseLong(args[3])), Path.of(args[4])));
  }

  /** Starts it at the beginning of the image events. The topics must exist. */
  static FlinkJob start(AccreteConfig config, Path bundle, long deviceMillis, Duration checkpoints, Path directory) throws Exception {
    JobSettings settings = new JobSettings(config, bundle, deviceMillis);
    int batch = batch(settings);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(
        Runtime.getRuntime().availableProcessors(), configuration(checkpoints, directory));
    DataStream<Photo> photos =
        environment.fromSource(source(settings), WatermarkStrategy.noWatermarks(), "image-events").setParallelism(1);
    AsyncDataStream.orderedWait(photos, new Encoding(settings), ENCODING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS, BATCHES_AHEAD * batch)
        .name("encode").setParallelism(1)
        .keyBy(EncodedPhoto::objectId)
        .process(new Folding(settings)).name("fold")
        .sinkTo(sink(settings)).name("object-embeddings");
    return new FlinkJob(environment.executeAsync(NAME));
  }

  private static int batch(JobSettings settings) {
    try (var model = settings.load()) {
      return settings.served(model).encoder().batches().orElseThrow().batch();
    }
  }

  private static Configuration configuration(Duration checkpoints, Path directory) {
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(RocksDBOptions.LOCAL_DIRECTORIES, directory.resolve("rocksdb").toString());
    configuration.set(CoreOptions.TMP_DIRS, directory.resolve("tmp").toString());
    configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.resolve("checkpoints").toUri().toString());
    configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpoints);
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, STATE_MEMORY);
    configuration.set(PipelineOptions.OBJECT_REUSE, true); // the records are immutable
    configuration.set(PipelineOptions.GENERIC_TYPES, false); // nothing may fall back to slow serialization
    configuration.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ZERO); // the tokens of an image fill a buffer anyway
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "disable"); // a failure is to be told, not measured
    return configuration;
  }

  private static KafkaSource<Photo> source(JobSettings settings) {
    AccreteConfig config = settings.config();
    Topics topics = new Topics(config);
    return KafkaSource.<Photo>builder()
        .setProperties(properties(config.kafkaClient()))
        .setProperty(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Integer.toString(topics.maxMessageBytes()))
        .setGroupId(NAME)
        .setTopics(topics.imageEvents())
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setDeserializer(new PhotoReader(settings))
        .build();
  }

  private static KafkaSink<Publication> sink(JobSettings settings) {
    AccreteConfig config = settings.config();
    return KafkaSink.<Publication>builder()
        .setKafkaProducerConfig(properties(config.kafkaClient()))
        .setProperty(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Integer.toString(config.getInt(ConfigKeys.TRANSACTION_TIMEOUT)))
        .setBootstrapServers(String.join(",", config.getList(ConfigKeys.BOOTSTRAP_SERVERS)))
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(NAME)
        .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING) // each checkpoint would have a new id else
        .setRecordSerializer(KafkaRecordSerializationSchema.<Publication>builder()
            .setTopic(new Topics(config).embeddings(Bundle.read(Path.of(settings.bundle())).version()))
            .setKeySerializationSchema(new Publication.Keys())
            .setValueSerializationSchema(new Publication.Values())
            .build())
        .build();
  }

  private static Properties properties(Map<String, Object> values) {
    Properties properties = new Properties();
    values.forEach((key, value) -> properties.setProperty(key, value.toString()));
    return properties;
  }

  /** Whether it works no more. */
  boolean hasEnded() {
    return result.isDone();
  }

  @Override
  public Optional<String> awaitEnd() throws InterruptedException {
    try {
      result.get();
      return Optional.of("The job ended by itself.");
    } catch (CancellationException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      Throwable cause = ExceptionUtils.stripExecutionException(e);
      if (ExceptionUtils.findThrowable(cause, JobCancellationException.class).isPresent()) {
        return Optional.empty();
      }
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return Optional.of(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
    }
  }

  @Override
  public void close() throws InterruptedException {
    if (hasEnded()) {
      return;
    }
    try {
      client.cancel().get();
      awaitEnd();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The job cannot be cancelled: " + e.getCause().getMessage(), e.getCause());
    }
  }
}
