package io.accrete.bench;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads everything that is published under one model version, committed records only, as it can be read, on a thread of its own. */
final class PublishedSpace implements AutoCloseable {
  /** So long something is waited for without anything else being published. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String version;
  private final KafkaConsumer<String, ObjectEmbedding> consumer;
  private final Thread thread = new Thread(this::run, "published-space");
  private final Map<String, ObjectEmbedding> newest = new HashMap<>();
  private final Map<String, BitSet> sequences = new HashMap<>();
  private Arrivals arrivals = (objectId, embedding, nanos) -> { };
  private RuntimeException failure; // null: none
  private boolean stopping;
  private long embeddings;
  private long images;
  private long firstImages;
  private long firstNanos;
  private long lastNanos;
  private int mixed;
  private int duplicates;

  /** Hears of each embedding, on the thread that reads. */
  interface Arrivals {
    /** An embedding can be read since this time ({@link System#nanoTime}). */
    void arrived(String objectId, ObjectEmbedding embedding, long nanos);
  }

  private PublishedSpace(AccreteConfig config, String version) {
    this.version = version;
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer = new KafkaConsumer<>(settings, new StringDeserializer(), AvroSerdes.deserializer(ObjectEmbedding.class, config));
    String topic = new Topics(config).embeddings(version);
    consumer.assign(IntStream.range(0, config.getInt(ConfigKeys.TOPIC_PARTITIONS)).mapToObj(number -> new TopicPartition(topic, number))
        .toList());
  }

  /** Begins to read the version's topic, which must exist, from its beginning. */
  static PublishedSpace start(AccreteConfig config, String version) {
    PublishedSpace space = new PublishedSpace(config, version);
    space.thread.start();
    return space;
  }

  /** Tells of what comes from now on. */
  synchronized void listen(Arrivals listener) {
    arrivals = listener;
  }

  private void run() {
    try (consumer) {
      while (!stops()) {
        ConsumerRecords<String, ObjectEmbedding> records = consumer.poll(Duration.ofSeconds(1));
        take(records, System.nanoTime());
      }
    } catch (WakeupException e) {
      // as close wants it
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private synchronized boolean stops() {
    return stopping;
  }

  private synchronized void fail(RuntimeException e) {
    failure = e;
    notifyAll();
  }

  private synchronized void take(Iterable<ConsumerRecord<String, ObjectEmbedding>> records, long nanos) {
    for (ConsumerRecord<String, ObjectEmbedding> record : records) {
      take(record.key(), record.value(), nanos);
    }
    notifyAll();
  }

  private void take(String objectId, ObjectEmbedding embedding, long nanos) {
    if (embedding == null) {
      newest.remove(objectId); // nothing is ever deleted here, so it is missed in the end
      return;
    }
    newest.put(objectId, embedding);
    embeddings++;
    images += embedding.getImageCount();
    if (embeddings == 1) {
      firstNanos = nanos;
    }
    if (nanos == firstNanos) {
      firstImages = images;
    }
    lastNanos = nanos;
    if (!embedding.getModelVersion().equals(version)) {
      mixed++;
    }
    BitSet seen = sequences.computeIfAbsent(objectId, any -> new BitSet());
    int sequence = Math.toIntExact(embedding.getSequence());
    if (seen.get(sequence)) {
      duplicates++;
    }
    seen.set(sequence);
    arrivals.arrived(objectId, embedding, nanos);
  }

  /**
   * Waits until the newest embedding of every object holds all its images, or nothing has been published for a while.
   *
   * @param wanted number of images by object
   * @param published told of the number of embeddings
   * @return whether it is so
   */
  synchronized boolean await(Map<String, Integer> wanted, LongConsumer published) throws InterruptedException {
    long before = embeddings;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds(wanted)) {
      if (failure != null) {
        throw new IllegalStateException("The embeddings of " + version + " cannot be read: " + failure.getMessage(), failure);
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(Math.max(1, left / 1_000_000));
      if (embeddings > before) {
        before = embeddings;
        deadline = System.nanoTime() + PATIENCE.toNanos();
        published.accept(embeddings);
      }
    }
    return true;
  }

  private boolean holds(Map<String, Integer> wanted) {
    return wanted.entrySet().stream().allMatch(each -> {
      ObjectEmbedding found = newest.get(each.getKey());
      return found != null && found.getImageCount() == each.getValue();
    });
  }

  /** Object id to newest embedding. */
  synchronized Map<String, ObjectEmbedding> newest() {
    return Map.copyOf(newest);
  }

  /** Embeddings that were published. */
  synchronized long embeddings() {
    return embeddings;
  }

  /** Those of them that name another version. */
  synchronized int mixed() {
    return mixed;
  }

  /** Those of them whose object and sequence were published before. */
  synchronized int duplicates() {
    return duplicates;
  }

  /** Images in all embeddings together. In a space that was only swept: how many were folded. */
  synchronized long images() {
    return images;
  }

  /** The same a second, between the first and the last that arrived; 0: they came all at once. */
  synchronized double imagesPerSecond() {
    return lastNanos == firstNanos ? 0 : (images - firstImages) * 1e9 / (lastNanos - firstNanos);
  }

  @Override
  public void close() throws InterruptedException {
    synchronized (this) {
      stopping = true;
    }
    consumer.wakeup();
    thread.join();
  }
}
