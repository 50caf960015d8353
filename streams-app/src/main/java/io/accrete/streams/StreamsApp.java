package io.accrete.streams;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.content.ContentResolver;
import io.accrete.content.ContentResolvers;
import io.accrete.events.ImageEvent;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.Health;
import io.accrete.streams.http.ObjectQueries;
import io.accrete.streams.store.RocksDbMemory;
import io.accrete.streams.topology.AccreteTopology;
import io.accrete.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running streams application: one instance of the topology, its state and its model, from start to orderly end. */
public final class StreamsApp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamsApp.class);
  private static final long ROCKSDB_BYTES = 256L * 1024 * 1024;
  private static final int RAPID_FAILURES_PER_THREAD = 5;
  private static final Duration RAPID = Duration.ofMinutes(2); // after a failure the group waits for the session timeout
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(60);

  private final AccreteConfig config;
  private final Model model;
  private final Supplier<LiveModels> models;
  private final ContentResolver content;
  private final Deserializer<ImageEvent> events;
  private final Serializer<SpecificRecord> values;
  private final RocksDbMemory memory;
  private final ThreadReplacement failures;
  private final KafkaStreams streams;
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Prepares an application; nothing runs yet. The application closes the model.
   *
   * @param meters receives the meters of the topology
   * @throws StreamsAppException if the state directory cannot be used; the model is then left open
   */
  public StreamsApp(AccreteConfig config, Model model, MeterRegistry meters) {
    this(config, model, ServedModel.of(model, limits(config)), meters);
  }

  /** As the other, with another way of encoding. */
  StreamsApp(AccreteConfig config, Model model, ServedModel served, MeterRegistry meters) {
    this.config = config;
    this.model = model;
    LiveModels only = LiveModels.only(served);
    models = () -> only;
    events = AvroSerdes.deserializer(ImageEvent.class, config);
    values = AvroSerdes.serializer(config);
    content = ContentResolvers.from(config);
    memory = new RocksDbMemory(ROCKSDB_BYTES);
    Topology topology = AccreteTopology.build(config, models, content, events, values, meters);
    failures = new ThreadReplacement(RAPID_FAILURES_PER_THREAD * config.getInt(ConfigKeys.STREAM_THREADS), RAPID, System::nanoTime);
    streams = open(topology);
    streams.setUncaughtExceptionHandler(failures);
    streams.setStateListener(this::onState);
  }

  private static ImageLimits limits(AccreteConfig config) {
    return new ImageLimits(config.getInt(ConfigKeys.IMAGE_MAX_BYTES), config.getLong(ConfigKeys.IMAGE_MAX_PIXELS));
  }

  private KafkaStreams open(Topology topology) {
    try {
      return new KafkaStreams(topology, StreamsSettings.of(config, memory));
    } catch (StreamsException e) {
      closeParts();
      throw new StreamsAppException("The state directory " + StreamsSettings.stateDirectory(config) + " cannot be used: either another"
          + " process is using it, or it cannot be written to. Stop that process, or set another state.dir. (" + e.getMessage() + ")", e);
    } catch (RuntimeException e) {
      closeParts();
      throw e;
    }
  }

  /** Creates missing topics, warms the model and starts the stream threads; returns when they have been started. */
  public void start() {
    Topics topics = new Topics(config);
    try (Admin admin = Admin.create(config.kafkaClient())) {
      topics.create(admin, model.version());
    }
    warm();
    streams.start();
    log.info("Model {} on {}; events from {}, embeddings to {}, state in {}", model.version(), model.device(),
        topics.imageEvents(), topics.embeddings(model.version()), StreamsSettings.stateDirectory(config));
  }

  /** The first call of a session allocates and optimises; that must not happen within a transaction. */
  private void warm() {
    int side = model.shapes().imageSize();
    model.fold(null, model.encode(List.of(new byte[side * side * 3]))[0], 0);
  }

  /**
   * Waits until partitions are assigned and state is restored.
   *
   * @throws StreamsAppException if the application ended, or is not ready in time; the message says why
   */
  public void awaitRunning(Duration timeout) throws InterruptedException {
    boolean inTime = running.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (!inTime || ended.getCount() == 0) {
      throw new StreamsAppException("The streams application " + (inTime ? "ended" : "is not running after " + timeout.toSeconds() + " s")
          + ": " + health().ready().get(0).reason(), null);
    }
  }

  /** Waits until the application has ended, by {@link #close} or by itself; the failure, if it was one. */
  public Optional<String> awaitEnd() throws InterruptedException {
    ended.await();
    return streams.state() == State.ERROR || streams.state() == State.PENDING_ERROR ? failures.last() : Optional.empty();
  }

  private void onState(State now, State before) {
    if (now == State.RUNNING) {
      running.countDown();
    }
    if (now == State.ERROR || now == State.NOT_RUNNING) {
      ended.countDown();
      running.countDown();
    }
  }

  public ObjectQueries queries() {
    return new StoreQueries(streams, models, new Topics(config).imageEvents(), config.getInt(ConfigKeys.TOPIC_PARTITIONS));
  }

  public Health health() {
    return new StreamsHealth(streams, failures, model);
  }

  /** For binding Kafka's own metrics. */
  public KafkaStreams kafkaStreams() {
    return streams;
  }

  /** Ends the stream threads first, after the record they are at, and then what they use. */
  @Override
  public void close() {
    boolean stopped = streams.close(CloseOptions.timeout(CLOSE_TIMEOUT).withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    if (!stopped) {
      log.warn("The stream threads did not end within {} s; what they hold is left to the end of the process.", CLOSE_TIMEOUT.toSeconds());
      return; // freeing native memory under a running thread would crash the process
    }
    closeParts();
    model.close();
  }

  private void closeParts() {
    content.close();
    events.close();
    values.close();
    memory.close();
  }

  /** Where an application of this configuration keeps its state; to be deleted only while none runs. */
  public static Path stateDirectory(AccreteConfig config) {
    return StreamsSettings.stateDirectory(config).resolve(config.getString(ConfigKeys.APPLICATION_ID));
  }
}
