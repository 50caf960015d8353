package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.runtime.Model;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.StreamsApp;
import io.accrete.streams.encode.ServedModel;
import io.accrete.topics.Topics;
import io.accrete.trainer.publish.ModelPublisher;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongConsumer;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A local cluster with events in it, which are all there before the app, or whatever stands in its place, begins. */
final class EventCluster implements AutoCloseable {
  /** This part of the events comes first, to warm up. */
  static final int WARM_UP_PART = 2;

  private static final Duration START = Duration.ofMinutes(5);

  private final LocalCluster local;
  private final Bundle bundle;
  private int sent;

  private EventCluster(LocalCluster local, Bundle bundle) {
    this.local = local;
    this.bundle = bundle;
  }

  /** Starts it in an empty directory, without events. What is measured is from event to embedding: no image sets, no graphs for searches. */
  static EventCluster open(Path directory, AccreteConfig given, Bundle bundle) {
    AccreteConfig config = given.with(Map.of(ConfigKeys.SAMPLER_OBJECTS, "0", ConfigKeys.SIMILARITY_INDEX, "false"));
    LocalCluster local = LocalCluster.open(directory, config, Ports.ANY);
    try (Admin admin = Admin.create(local.config().kafkaClient())) {
      new Topics(local.config()).create(admin, bundle.version());
      return new EventCluster(local, bundle);
    } catch (RuntimeException e) {
      local.close();
      throw e;
    }
  }

  /** What is done over a cluster. */
  @FunctionalInterface
  interface Run {
    Moment over(EventCluster cluster) throws InterruptedException;
  }

  /** One for a single run, and nothing is left of it, not even writes that wait for the disk: the next finds no traces of it. */
  static Moment once(Path directory, AccreteConfig given, Bundle bundle, Run run) throws IOException, InterruptedException {
    Moment done;
    try (EventCluster cluster = open(directory, given, bundle)) {
      done = run.over(cluster);
    }
    FileUtils.deleteDirectory(directory.toFile());
    return done;
  }

  AccreteConfig config() {
    return local.config();
  }

  /** Sends so many events that hold their photos, and returns when they are there. */
  void send(int events, IntFunction<BenchPhoto> photos) {
    send(events, photos, BenchPhoto::event);
  }

  /** The same with other events for the photos. */
  void send(int events, IntFunction<BenchPhoto> photos, Function<BenchPhoto, ImageEvent> made) {
    Topics topics = new Topics(config());
    Map<String, Object> settings = config().kafkaClient();
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, topics.maxMessageBytes());
    AtomicReference<Exception> unsent = new AtomicReference<>();
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config()))) {
      for (int i = 0; i < events && unsent.get() == null; i++) {
        BenchPhoto photo = photos.apply(i);
        producer.send(new ProducerRecord<>(topics.imageEvents(), photo.objectId(), made.apply(photo)),
            (metadata, error) -> unsent.compareAndSet(null, error));
      }
    }
    if (unsent.get() != null) {
      throw new IllegalStateException("A photo could not be sent: " + unsent.get().getMessage(), unsent.get());
    }
    sent += events;
  }

  /** The embeddings, as they can be read; to be closed. */
  CommittedRecords embeddings(LongConsumer counted) {
    return new CommittedRecords(config(), new Topics(config()).embeddings(bundle.version()), counted);
  }

  /** The app, not started yet; to be closed before the cluster. */
  StreamsApp app(AccreteConfig config, Function<Model, ServedModel> serving, MeterRegistry meters) {
    return new StreamsApp(config, bundle, new ModelPublisher(config)::publishUnlessKnown, serving, meters);
  }

  /** Starts an app and waits until it works. */
  static void start(StreamsApp app) throws InterruptedException {
    app.start();
    app.awaitRunning(START);
  }

  /** Throws with the reason if an app has ended. */
  static void requireAlive(StreamsApp app) {
    app.health().live().stream().filter(check -> !check.ok()).findFirst().ifPresent(check -> {
      throw new IllegalStateException("The app stopped: " + check.reason());
    });
  }

  /**
   * Runs an app over all events.
   *
   * @param counted is told again and again how many embeddings there are
   * @return what it did after the warm-up
   */
  Moment run(Function<Model, ServedModel> serving, LongConsumer counted) throws InterruptedException {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (StreamsApp app = app(config(), serving, meters); CommittedRecords embeddings = embeddings(counted)) {
      start(app);
      return measured(embeddings, meters, () -> requireAlive(app));
    }
  }

  /** What is done after the warm-up by someone who makes one record of each event. */
  Moment measured(CommittedRecords records, SimpleMeterRegistry meters, Runnable alive) throws InterruptedException {
    long warm = records.await(sent / WARM_UP_PART, alive);
    Moment begin = Moment.now(Math.min(warm, sent - 1), meters); // of a few events all may come at once
    return Moment.now(records.await(sent, alive), meters).since(begin);
  }

  @Override
  public void close() {
    local.close();
  }
}
