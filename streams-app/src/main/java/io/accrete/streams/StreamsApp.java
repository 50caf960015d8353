package io.accrete.streams;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.content.ContentResolver;
import io.accrete.content.ContentResolvers;
import io.accrete.events.ImageEvent;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import io.accrete.serde.AvroSerdeException;
import io.accrete.serde.AvroSerdes;
import io.accrete.state.ObjectState;
import io.accrete.streams.ahead.AheadSettings;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.Health;
import io.accrete.streams.http.HistoryQueries;
import io.accrete.streams.http.ImageQueries;
import io.accrete.streams.http.InstanceStats;
import io.accrete.streams.http.ModelOrders;
import io.accrete.streams.http.ModelQueries;
import io.accrete.streams.http.ObjectQueries;
import io.accrete.streams.http.Peers;
import io.accrete.streams.rollout.Coordinator;
import io.accrete.streams.rollout.FollowedVersion;
import io.accrete.streams.rollout.RolloutFollower;
import io.accrete.streams.rollout.RolloutView;
import io.accrete.streams.similarity.SimilarObjects;
import io.accrete.streams.store.RocksDbMemory;
import io.accrete.streams.topology.AccreteTopology;
import io.accrete.streams.topology.ImagesAhead;
import io.accrete.streams.topology.OutcomeWatch;
import io.accrete.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running streams application: one instance of the topology, its state and its part in rollouts, from start to orderly end. */
public final class StreamsApp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamsApp.class);
  private static final long ROCKSDB_BYTES = 256L * 1024 * 1024;
  private static final int RAPID_FAILURES_PER_THREAD = 5;
  private static final Duration RAPID = Duration.ofMinutes(2); // after a failure the group waits for the session timeout
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(60);
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final AccreteConfig config;
  private final Bundle bundle;
  private final Consumer<Bundle> publisher;
  private final Function<Model, ServedModel> serving;
  private final ContentResolver content;
  private final Deserializer<ImageEvent> events;
  private final Serializer<SpecificRecord> values;
  private final RocksDbMemory memory;
  private final ImagesAhead ahead;
  private final SimilarObjects similar;
  private final OutcomeWatch outcomes = new OutcomeWatch();
  private final ThreadReplacement failures;
  private final KafkaStreams streams;
  private final StreamsStats stats;
  private final Thread starter = new Thread(this::begin, "start");
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile RolloutFollower follower; // null: not started
  private volatile String startFailure; // null: none
  private Coordinator coordinator;

  /**
   * Prepares an application; nothing runs yet.
   *
   * @param bundle with which an application begins; later the model version that is ACTIVE is served
   * @param publisher makes the bundle known unless it is; tried again while brokers, schema registry or model store do not answer
   * @param meters receives the meters of the topology
   * @throws StreamsAppException if the state directory cannot be used
   */
  public StreamsApp(AccreteConfig config, Bundle bundle, Consumer<Bundle> publisher, MeterRegistry meters) {
    this(config, bundle, publisher, model -> ServedModel.of(model, limits(config)), meters);
  }

  /** As the other, with another way of using models. */
  public StreamsApp(AccreteConfig config, Bundle bundle, Consumer<Bundle> publisher, Function<Model, ServedModel> serving,
      MeterRegistry meters) {
    this.config = config;
    this.bundle = bundle;
    this.publisher = publisher;
    this.serving = serving;
    events = AvroSerdes.deserializer(ImageEvent.class, config);
    values = AvroSerdes.serializer(config);
    content = ContentResolvers.from(config);
    memory = new RocksDbMemory(ROCKSDB_BYTES);
    ahead = new ImagesAhead(config, AheadSettings.of(config), this::live, content, events, meters);
    similar = new SimilarObjects(config.getBoolean(ConfigKeys.SIMILARITY_INDEX), searchBytes(config), this::folded, this::stored);
    Topology topology = AccreteTopology.build(config, () -> new LeasedModels(() -> follower), content, events, values, meters, ahead,
        similar, outcomes);
    failures = new ThreadReplacement(RAPID_FAILURES_PER_THREAD * Threads.of(config).streams(), RAPID, System::nanoTime);
    streams = open(topology);
    streams.setUncaughtExceptionHandler(failures);
    streams.setStateListener(this::onState);
    stats = new StreamsStats(meters, streams, new Topics(config).imageEvents(), health(), similar::objects);
  }

  /** What the configuration allows an image to be. */
  public static ImageLimits limits(AccreteConfig config) {
    return new ImageLimits(config.getInt(ConfigKeys.IMAGE_MAX_BYTES), config.getLong(ConfigKeys.IMAGE_MAX_PIXELS));
  }

  private static long searchBytes(AccreteConfig config) {
    long configured = config.getLong(ConfigKeys.SIMILARITY_BYTES);
    return configured == 0 ? Runtime.getRuntime().maxMemory() / 2 : configured;
  }

  private KafkaStreams open(Topology topology) {
    try {
      return new KafkaStreams(topology, StreamsSettings.of(config, memory, ahead.polled()));
    } catch (StreamsException e) {
      closeParts();
      throw new StreamsAppException("The state directory " + StreamsSettings.stateDirectory(config) + " cannot be used: either another"
          + " process is using it, or it cannot be written to. Stop that process, or set another state.dir. (" + e.getMessage() + ")", e);
    } catch (RuntimeException e) {
      closeParts();
      throw e;
    }
  }

  /**
   * Creates missing topics and begins; the stream threads are started as soon as the models are loaded that events fold into. If that fails
   * the application ends.
   */
  public void start() {
    try (Admin admin = Admin.create(config.kafkaClient())) {
      new Topics(config).create(admin);
    }
    follower = RolloutFollower.start(config, bundle, serving);
    coordinator = Coordinator.start(config, bundle.version());
    starter.start();
  }

  /** On a thread of its own, as brokers, registry and models may have to be waited for while health is asked, or the end wanted. */
  private void begin() {
    try {
      publish();
      follower.awaitLoaded();
      streams.start();
      log.info("Model {}; events from {}, state in {}", live().map(models -> models.serving().version()).orElse("unknown"),
          new Topics(config).imageEvents(), StreamsSettings.stateDirectory(config));
    } catch (InterruptedException | InterruptException e) {
      log.debug("Stopped before it began");
    } catch (RuntimeException e) {
      log.debug("Not started", e);
      startFailure = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      ended.countDown();
      running.countDown();
    }
  }

  private void publish() throws InterruptedException {
    for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
      try {
        publisher.accept(bundle);
        return;
      } catch (InterruptException e) {
        throw e;
      } catch (RuntimeException e) {
        if (AvroSerdeException.Reason.of(e) != AvroSerdeException.Reason.REGISTRY_UNAVAILABLE) { // of whatever does not answer
          throw e;
        }
        log.warn("Waiting to know of model {}, trying again in {} ms: {}", bundle.version(), pause, e.getMessage());
        ended.await(pause, TimeUnit.MILLISECONDS);
      }
    }
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

  /**
   * Waits until a model version is served, or nothing leads there by itself: its rollout failed, or is over. To be called after the start.
   *
   * @return whether it is served
   */
  public boolean awaitServing(String version, Duration timeout) throws InterruptedException {
    return follower.awaitServing(version, timeout);
  }

  /** Waits until the application has ended, by {@link #close} or by itself; the failure, if it was one. */
  public Optional<String> awaitEnd() throws InterruptedException {
    ended.await();
    boolean failed = streams.state() == State.ERROR || streams.state() == State.PENDING_ERROR;
    return startFailure().or(() -> failed ? failures.last() : Optional.empty());
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
    return stores();
  }

  private StoreQueries stores() {
    return new StoreQueries(streams, this::live, peers());
  }

  /** Who of the application's instances has what. */
  public Peers peers() {
    return new StreamsPeers(streams, StreamsSettings.server(config), new Topics(config).imageEvents(),
        config.getInt(ConfigKeys.TOPIC_PARTITIONS));
  }

  /** How this instance fares. */
  public Supplier<InstanceStats> stats() {
    return stats;
  }

  /** Which models there are now, for their names: they may be closed at any time. */
  public Supplier<Optional<LiveModels>> liveModels() {
    return this::live;
  }

  /** Keeps models open for whoever calls them, until it is closed; to be asked when there are live ones. */
  public ModelSource lease() {
    return new LeasedModels(() -> follower);
  }

  /** Searches among the objects of this instance. */
  public SimilarObjects similar() {
    return similar;
  }

  public ImageQueries images() {
    return new StoredImages(stores(), content);
  }

  public HistoryQueries histories() {
    return new Histories(stores(), images(), () -> follower, config.getBoolean(ConfigKeys.FEATURES_STORE));
  }

  public ModelOrders orders() {
    return new RolloutOrders(config, this::live);
  }

  /** What becomes of the events of the partitions that this instance has. */
  public OutcomeWatch outcomes() {
    return outcomes;
  }

  /** Reads references within what the configuration allows. */
  public ContentResolver content() {
    return content;
  }

  public ModelQueries models() {
    return new RolloutQueries(() -> follower == null ? RolloutView.empty() : follower.view(), this::live,
        config.getInt(ConfigKeys.TOPIC_PARTITIONS));
  }

  public Health health() {
    return new StreamsHealth(streams, failures, this::startFailure, this::versions);
  }

  private Optional<String> startFailure() {
    return Optional.ofNullable(startFailure);
  }

  private Optional<LiveModels> live() {
    return follower == null ? Optional.empty() : follower.live();
  }

  /** The versions that events fold into. */
  private Set<String> folded() {
    return live().map(models -> models.folding().stream().map(ServedModel::version).collect(Collectors.toSet())).orElse(Set.of());
  }

  /** What the objects store of a partition holds; empty: it is not open. */
  private Optional<KeyValueIterator<String, ObjectState>> stored(int partition) {
    return streams == null ? Optional.empty() : StoreQueries.objects(streams, partition);
  }

  private Collection<FollowedVersion> versions() {
    return follower == null ? List.of() : follower.current().values();
  }

  /** For binding Kafka's own metrics. */
  public KafkaStreams kafkaStreams() {
    return streams;
  }

  /** Ends the stream threads first, after the record they are at, and then what they use. */
  @Override
  public void close() {
    endStarter();
    stats.close();
    boolean stopped = streams.close(CloseOptions.timeout(CLOSE_TIMEOUT).withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    if (coordinator != null) {
      coordinator.close();
    }
    ended.countDown(); // where it never began, Kafka Streams says nothing
    if (!stopped) {
      log.warn("The stream threads did not end within {} s; what they hold is left to the end of the process.", CLOSE_TIMEOUT.toSeconds());
      return; // freeing native memory under a running thread would crash the process
    }
    if (follower != null) {
      follower.close();
    }
    closeParts();
  }

  private void endStarter() {
    boolean interrupted = false;
    while (starter.isAlive()) {
      starter.interrupt();
      try {
        starter.join(FIRST_PAUSE_MILLIS); // it may have been between two waits
      } catch (InterruptedException e) {
        interrupted = true; // it must not start threads when all is closed
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeParts() {
    similar.close();
    ahead.close();
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
