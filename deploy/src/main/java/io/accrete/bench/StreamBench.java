package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.image.ImageLimits;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.runtime.Device;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.StreamsApp;
import io.accrete.streams.ahead.AheadMetrics;
import io.accrete.streams.encode.BatchEncoder;
import io.accrete.streams.encode.ServedModel;
import io.accrete.topics.Topics;
import io.accrete.trainer.publish.ModelPublisher;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The whole app on a local cluster against the bare encoder on the same photos, rendered ones; and the app with a simulated accelerator.
 * All events are there before the app starts; its first quarter of them warms up.
 */
public final class StreamBench {
  private static final int PRODUCTS = 16;
  private static final int MOST_PHOTOS = 128; // that are different
  private static final int IMAGES_PER_OBJECT = 16;
  private static final int WARM_UP_PART = 4;
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /**
   * What is measured.
   *
   * @param images events of each run
   * @param deviceMillis of the simulated accelerator for a batch
   */
  public record Settings(Bundle bundle, int images, long deviceMillis) {
    public Settings {
      if (images < 2 * WARM_UP_PART || deviceMillis < 1) {
        throw new IllegalArgumentException("Expected at least " + 2 * WARM_UP_PART + " images and 1 millisecond, found " + images + " and "
            + deviceMillis + ".");
      }
    }

    /** Images in all, for those who wait. */
    public int total() {
      return (BATCHES.size() + 2) * images;
    }
  }

  /** Where a run stood at a time. */
  private record Moment(long nanos, int images, double batches, double batched, double deviceNanos, double queued, double queueNanos) {
    static Moment now(int images, SimpleMeterRegistry meters) {
      return new Moment(System.nanoTime(), images, meters.summary(AheadMetrics.BATCH).count(),
          meters.summary(AheadMetrics.BATCH).totalAmount(), meters.timer(AheadMetrics.DEVICE).totalTime(TimeUnit.NANOSECONDS),
          meters.timer(AheadMetrics.QUEUE).count(), meters.timer(AheadMetrics.QUEUE).totalTime(TimeUnit.NANOSECONDS));
    }

    /** What was done since then. */
    Moment since(Moment then) {
      return new Moment(nanos - then.nanos, images - then.images, batches - then.batches, batched - then.batched,
          deviceNanos - then.deviceNanos, queued - then.queued, queueNanos - then.queueNanos);
    }

    double imagesPerSecond() {
      return images * 1e9 / nanos;
    }

    double meanBatch() {
      return batched / Math.max(1, batches);
    }
  }

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final LongConsumer done;
  private final List<byte[]> photos;
  private long images;

  /**
   * A benchmark.
   *
   * @param directory for the clusters' data; the caller removes it
   * @param done is told again and again how many images were done
   */
  public StreamBench(Settings settings, AccreteConfig config, Path directory, LongConsumer done) {
    this.settings = settings;
    this.config = config;
    this.directory = directory;
    this.done = done;
    Catalogue catalogue = new Catalogue(1, PRODUCTS);
    photos = IntStream.range(0, Math.min(MOST_PHOTOS, settings.images)).parallel()
        .mapToObj(i -> catalogue.photo(i % PRODUCTS, i / PRODUCTS)).toList();
  }

  /** Measures. */
  public StreamThroughput run() throws InterruptedException {
    int bareBatch = 0;
    double bare = 0;
    RuntimeOptions options = new RuntimeOptions(Device.of(config.getString(ConfigKeys.DEVICE)), config.getInt(ConfigKeys.INTRA_OP_THREADS));
    try (Model model = Model.load(settings.bundle, options)) {
      BareEncoder encoder = new BareEncoder(batches(served(model)), photos);
      for (int batch : BATCHES) {
        encoder.imagesPerSecond(settings.images / WARM_UP_PART, batch);
        double rate = encoder.imagesPerSecond(settings.images, batch);
        bareBatch = rate > bare ? batch : bareBatch;
        bare = Math.max(bare, rate);
        done(settings.images);
      }
    }
    Moment real = stream("real", StreamBench::served);
    Moment simulated = stream("simulated", this::simulated);
    return new StreamThroughput(settings.images, config.getInt(ConfigKeys.STREAM_THREADS), bareBatch, bare, real.imagesPerSecond() / bare,
        real.imagesPerSecond(), real.meanBatch(), new StreamThroughput.Simulated(settings.deviceMillis,
            simulated.deviceNanos / simulated.nanos, simulated.meanBatch(), simulated.imagesPerSecond(),
            simulated.queueNanos / Math.max(1, simulated.queued) / 1e6));
  }

  private void done(int more) {
    images += more;
    done.accept(images);
  }

  private static ServedModel served(Model model) {
    return ServedModel.of(model, ImageLimits.LOCAL);
  }

  private ServedModel simulated(Model model) {
    ServedModel served = served(model);
    return new ServedModel(served.version(), served.encoderHash(),
        new SimulatedDevice(batches(served), Duration.ofMillis(settings.deviceMillis)), served.folder());
  }

  private static BatchEncoder batches(ServedModel model) {
    return model.encoder().batches().orElseThrow();
  }

  /** All events through an app of its own; what was done after the warm-up. */
  private Moment stream(String name, Function<Model, ServedModel> serving) throws InterruptedException {
    try (LocalCluster cluster = LocalCluster.open(directory.resolve(name), config, Ports.ANY)) {
      Topics topics = new Topics(cluster.config());
      String embeddings = topics.embeddings(settings.bundle.version());
      try (Admin admin = Admin.create(cluster.config().kafkaClient())) {
        topics.create(admin, settings.bundle.version());
      }
      send(cluster.config(), topics.imageEvents());
      SimpleMeterRegistry meters = new SimpleMeterRegistry();
      try (StreamsApp app = new StreamsApp(cluster.config(), settings.bundle, new ModelPublisher(cluster.config())::publishUnlessKnown,
              serving, meters);
          KafkaConsumer<byte[], byte[]> consumer = consumer(cluster.config(), embeddings)) {
        app.start();
        app.awaitRunning(PATIENCE);
        Moment begin = null;
        for (int seen = 0; seen < settings.images; ) {
          int more = consumer.poll(POLL).count();
          seen += more;
          done(more);
          if (begin == null && seen >= settings.images / WARM_UP_PART) {
            begin = Moment.now(seen, meters);
          }
          requireAlive(app);
        }
        return Moment.now(settings.images, meters).since(begin);
      }
    }
  }

  private static void requireAlive(StreamsApp app) {
    app.health().live().stream().filter(check -> !check.ok()).findFirst().ifPresent(check -> {
      throw new IllegalStateException("The app stopped: " + check.reason());
    });
  }

  private void send(AccreteConfig cluster, String topic) {
    int objects = Math.max(1, settings.images / IMAGES_PER_OBJECT);
    try (var producer = new KafkaProducer<>(cluster.kafkaClient(), new StringSerializer(), AvroSerdes.<ImageEvent>serializer(cluster))) {
      for (int i = 0; i < settings.images; i++) {
        ImageEvent event = ImageEvent.newBuilder().setImageId("image" + i / objects)
            .setContent(ByteBuffer.wrap(photos.get(i % photos.size()))).build();
        producer.send(new ProducerRecord<>(topic, "object" + i % objects, event));
      }
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(AccreteConfig cluster, String topic) {
    Map<String, Object> client = cluster.kafkaClient();
    client.put("isolation.level", "read_committed");
    client.put("enable.auto.commit", false);
    var consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }
}
