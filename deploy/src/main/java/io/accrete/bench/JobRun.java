package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A job in a process of its own on a cluster of its own: numbered events in, committed embeddings out. */
final class JobRun implements AutoCloseable {
  private static final String IMAGE = "image";
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final AtomicReference<Exception> unsent = new AtomicReference<>();
  private final Path directory;
  private final List<byte[]> photos;
  private final int objects;
  private final LongConsumer done;
  private LocalCluster cluster;
  private String topic;
  private KafkaProducer<String, ImageEvent> producer;
  private KafkaConsumer<String, ObjectEmbedding> consumer;
  private JobProcess job;
  private int sent;
  private int seen;
  private long lastSeen = System.nanoTime();

  private JobRun(Path directory, List<byte[]> photos, int objects, LongConsumer done) {
    this.directory = directory;
    this.photos = photos;
    this.objects = objects;
    this.done = done;
  }

  /** Hears of each embedding that can be read. */
  private interface Arrivals {
    void arrived(int number, long nanos);
  }

  /**
   * Opens a cluster in an empty directory.
   *
   * @param photos what events carry, in turn
   * @param objects how many objects they are of, in turn
   * @param done told of every number of embeddings that has come
   */
  static JobRun open(Path directory, AccreteConfig config, Bundle bundle, List<byte[]> photos, int objects, LongConsumer done) {
    JobRun run = new JobRun(directory, photos, objects, done);
    try {
      run.open(config, bundle);
      return run;
    } catch (RuntimeException e) {
      run.close();
      throw e;
    }
  }

  private void open(AccreteConfig given, Bundle bundle) {
    cluster = LocalCluster.open(directory, given, Ports.ANY);
    parts.push(cluster);
    AccreteConfig config = cluster.config();
    Topics topics = new Topics(config);
    topic = topics.imageEvents();
    try (Admin admin = Admin.create(config.kafkaClient())) {
      topics.create(admin, bundle.version());
    }
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, topics.maxMessageBytes());
    producer = new KafkaProducer<>(settings, new StringSerializer(), AvroSerdes.serializer(config));
    parts.push(producer);
    consumer = consumer(config, topics.embeddings(bundle.version()));
    parts.push(consumer);
  }

  private static KafkaConsumer<String, ObjectEmbedding> consumer(AccreteConfig config, String topic) {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), AvroSerdes.deserializer(ObjectEmbedding.class, config));
    List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  /** Starts the job; what was sent before is there already. */
  void start(JobProcess.Command command) throws IOException {
    producer.flush();
    job = JobProcess.start(command, cluster.configFile(), Files.createDirectories(directory).resolve("job.log"));
    parts.push(job);
    lastSeen = System.nanoTime();
  }

  /** Sends so many events at once. */
  void send(int events) {
    for (int last = sent + events; sent < last; sent++) {
      send(photos.get(sent % photos.size()), sent);
    }
  }

  private void send(byte[] photo, int number) {
    ImageEvent event = ImageEvent.newBuilder().setImageId(IMAGE + number).setContent(ByteBuffer.wrap(photo)).build();
    producer.send(new ProducerRecord<>(topic, "object" + number % objects, event), (metadata, error) -> {
      if (error != null) {
        unsent.compareAndSet(null, error);
      }
    });
  }

  /** Waits for so many embeddings, those before included. */
  void await(int embeddings) throws IOException {
    await(embeddings, (number, nanos) -> { });
  }

  /**
   * Images a second from one number of embeddings to another. More events must be there, so that the job is at work up to the end: what is
   * timed is then from commit to commit.
   */
  double imagesPerSecond(int from, int to) throws IOException {
    await(from);
    int first = seen;
    long start = lastSeen;
    await(to);
    return (seen - first) * 1e9 / (lastSeen - start);
  }

  /** Sends so many more events, so many a second, and waits for all of them; times are from when an event was to be sent. */
  Latencies latencies(int events, double rate) throws IOException, InterruptedException {
    int first = sent;
    sent += events;
    long[] nanos = new long[events];
    double period = 1e9 / rate;
    long start = System.nanoTime();
    Thread sender = new Thread(() -> {
      for (int i = 0; i < events && !Thread.currentThread().isInterrupted(); i++) {
        for (long left = left(start, i * period); left > 0; left = left(start, i * period)) {
          LockSupport.parkNanos(left);
        }
        send(photos.get((first + i) % photos.size()), first + i);
      }
    }, "live-events");
    sender.start();
    try {
      await(sent, (number, arrived) -> {
        if (number >= first) {
          nanos[number - first] = arrived - start - (long) ((number - first) * period);
        }
      });
    } finally {
      sender.interrupt();
      sender.join();
    }
    return Latencies.of(nanos);
  }

  private static long left(long start, double due) {
    return Thread.currentThread().isInterrupted() ? 0 : start + (long) due - System.nanoTime();
  }

  private void await(int embeddings, Arrivals arrivals) throws IOException {
    while (seen < embeddings) {
      ConsumerRecords<String, ObjectEmbedding> records = consumer.poll(POLL);
      long now = System.nanoTime();
      for (ConsumerRecord<String, ObjectEmbedding> record : records) {
        arrivals.arrived(Integer.parseInt(record.value().getLastImageId().substring(IMAGE.length())), now);
      }
      if (!records.isEmpty()) {
        seen += records.count();
        lastSeen = now;
        done.accept(records.count());
      }
      requireWell(now);
    }
  }

  private void requireWell(long now) throws IOException {
    if (unsent.get() != null) {
      throw new IllegalStateException("A photo could not be sent: " + unsent.get().getMessage(), unsent.get());
    }
    job.requireAlive();
    if (now - lastSeen > PATIENCE.toNanos()) {
      throw new IllegalStateException("Of " + sent + " photos, " + seen + " were folded; then nothing came for " + PATIENCE.toSeconds()
          + " s. The log in its directory says why (--data keeps it).");
    }
  }

  /** Stops everything, the last first. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) { // the others must be stopped all the same
        failure = new IllegalStateException("The benchmark did not end cleanly: " + e.getMessage(), e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
