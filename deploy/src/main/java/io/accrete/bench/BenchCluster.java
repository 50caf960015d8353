package io.accrete.bench;

import ai.onnxruntime.platform.Fp16Conversions;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/** A local cluster with the app: what was sent to it, and what it publishes. */
final class BenchCluster implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final String ENCODED = "accrete_encode_seconds_count";

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final BenchObserver observer;
  private final Map<String, PublishedSpace> spaces = new HashMap<>();
  private final Map<String, List<BenchPhoto>> ledgers = new HashMap<>();
  private final AtomicReference<Exception> unsent = new AtomicReference<>();
  private AccreteConfig config;
  private Instance app;
  private KafkaProducer<String, ImageEvent> producer;
  private RolloutDriver rollouts;
  private PublishedSpace first;

  private BenchCluster(BenchObserver observer) {
    this.observer = observer;
  }

  /** Starts it in an empty directory, with this version. */
  static BenchCluster start(Path directory, AccreteConfig given, Bundle bundle, BenchObserver observer) throws InterruptedException {
    BenchCluster cluster = new BenchCluster(observer);
    try {
      cluster.open(directory, given, bundle);
      return cluster;
    } catch (RuntimeException | InterruptedException e) {
      cluster.close();
      throw e;
    }
  }

  private void open(Path directory, AccreteConfig given, Bundle bundle) throws InterruptedException {
    LocalCluster local = LocalCluster.open(directory, given.with(Map.of(ConfigKeys.BUNDLE, bundle.root().toString())), Ports.ANY);
    parts.push(local);
    config = local.config();
    app = local.serve(bundle);
    app.awaitRunning(START_TIMEOUT);
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, new Topics(config).maxMessageBytes());
    producer = new KafkaProducer<>(settings, new StringSerializer(), AvroSerdes.serializer(config));
    parts.push(producer);
    rollouts = new RolloutDriver(config);
    parts.push(rollouts);
    first = space(bundle.version());
  }

  AccreteConfig config() {
    return config;
  }

  /** Where the app's HTTP API answers. */
  URI api() {
    return app.url();
  }

  RolloutDriver rollouts() {
    return rollouts;
  }

  /** What is published under a version, from the first embedding on. */
  PublishedSpace space(String version) {
    PublishedSpace known = spaces.get(version);
    if (known != null) {
      return known;
    }
    try (Admin admin = Admin.create(config.kafkaClient())) {
      new Topics(config).create(admin, version);
    }
    PublishedSpace space = PublishedSpace.start(config, version);
    parts.push(space);
    spaces.put(version, space);
    return space;
  }

  /** Sends a photo; of one object always from one thread, as the order counts. */
  void send(BenchPhoto photo) {
    synchronized (ledgers) {
      ledgers.computeIfAbsent(photo.objectId(), any -> new ArrayList<>()).add(photo);
    }
    try {
      producer.send(new ProducerRecord<>(new Topics(config).imageEvents(), photo.objectId(), photo.event()), (metadata, error) -> {
        if (error != null) {
          unsent.compareAndSet(null, error);
        }
      });
    } catch (KafkaException e) { // told by requireWell, on the thread that waits
      unsent.compareAndSet(null, e);
    }
  }

  /** Folds these photos, under the first version; returns how many a second. */
  double ingest(List<BenchPhoto> photos) throws InterruptedException {
    observer.begins("Folded", photos.size());
    long before = first.embeddings();
    long started = System.nanoTime();
    photos.forEach(this::send);
    requireWell();
    if (!first.await(images(), embeddings -> observer.reached(embeddings - before))) {
      requireWell();
      throw new IllegalStateException("Of " + photos.size() + " photos, " + (first.embeddings() - before)
          + " were folded; then nothing came any more. The log says why.");
    }
    return photos.size() * 1e9 / (System.nanoTime() - started);
  }

  /** Follows the rollout of a version until it serves; {@code backfilling} is called when objects begin to be folded again. */
  double awaitFlip(String version, Runnable backfilling) throws InterruptedException {
    observer.begins("Objects", images().size());
    RolloutEvent begun = rollouts.await(version, this::requireWell, covered -> { }, RolloutState.BACKFILLING, RolloutState.ACTIVE);
    backfilling.run();
    RolloutEvent ended = rollouts.await(version, this::requireWell, observer::reached, RolloutState.ACTIVE);
    observer.reached(images().size());
    return Duration.between(begun.getAt(), ended.getAt()).toMillis() / 1000.0;
  }

  /** Throws if the app has ended, or a photo could not be sent. */
  void requireWell() {
    app.requireAlive();
    Exception error = unsent.get();
    if (error != null) {
      throw new IllegalStateException("A photo could not be sent: " + error.getMessage(), error);
    }
  }

  /** Number of images of each object. */
  Map<String, Integer> images() {
    Map<String, Integer> images = new HashMap<>();
    synchronized (ledgers) {
      ledgers.forEach((object, ledger) -> images.put(object, ledger.size()));
    }
    return images;
  }

  /** Compares what is published under a version with what must be. Nothing may be sent meanwhile. */
  Proof prove(Bundle bundle) throws InterruptedException {
    Map<String, Integer> images = images();
    long sum = images.values().stream().mapToLong(Integer::longValue).sum();
    PublishedSpace space = space(bundle.version());
    space.await(images, embeddings -> { });
    observer.begins("Proven", sum);
    Map<String, float[]> expected;
    synchronized (ledgers) {
      try (PlainFold plain = new PlainFold(bundle, this::asStored)) {
        expected = plain.fold(ledgers, observer::reached);
      }
    }
    int missing = 0;
    double largest = 0;
    Map<String, ObjectEmbedding> newest = space.newest();
    for (Map.Entry<String, float[]> object : expected.entrySet()) {
      ObjectEmbedding found = newest.get(object.getKey());
      if (found == null || found.getImageCount() != images.get(object.getKey())) {
        missing++;
      } else {
        largest = Math.max(largest, difference(found.getVector(), object.getValue()));
      }
    }
    return new Proof(bundle.version(), images.size(), sum, missing, space.mixed(), space.duplicates(), largest);
  }

  /** The features store rounds, and folds live images as if it had kept them. */
  private float[] asStored(float[] tokens) {
    if (!config.getBoolean(ConfigKeys.FEATURES_STORE)) {
      return tokens;
    }
    float[] rounded = new float[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      rounded[i] = Fp16Conversions.fp16ToFloat(Fp16Conversions.floatToFp16(tokens[i]));
    }
    return rounded;
  }

  private static double difference(List<Float> found, float[] expected) {
    if (found.size() != expected.length) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(found.get(i) - expected[i])); // what is not a number stays
    }
    return largest;
  }

  /** How often the app has called an encoder. */
  long encoderCalls() throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(app.url().resolve("/metrics")).build();
      String metrics = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
      return metrics.lines().filter(line -> line.startsWith(ENCODED)).findFirst()
          .map(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .orElseThrow(() -> new IllegalStateException("The metrics of the app have no " + ENCODED + "."));
    } catch (IOException e) {
      throw new IllegalStateException("The metrics of the app cannot be read: " + e.getMessage(), e);
    }
  }

  /** Stops everything, the last first. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) { // the others must be stopped all the same
        throw new IllegalStateException("The benchmark did not end cleanly: " + e.getMessage(), e);
      }
    }
  }
}
