package io.accrete.trainer.buffer;

import io.accrete.config.AccreteConfig;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topic of image sets into a buffer, on a thread of its own, committed records only, from where the buffer ends. A set or an
 * image that cannot be used is passed over with a message. While brokers, registry or disk cannot be used it waits and says so; what is in
 * the buffer can be used meanwhile.
 *
 * <p>References are followed by the same rules as in the streams application. Partitions that the topic gets later are read after the next
 * start.
 */
public final class ImageSetConsumer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageSetConsumer.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  private final String topic;
  private final ImageSetBuffer buffer;
  private final SetReader reader;
  private final Admin admin;
  private final KafkaConsumer<String, byte[]> consumer;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "image-sets");
  private volatile long lag = -1; // not known
  private Uuid topicId;
  private long pause;

  private ImageSetConsumer(AccreteConfig config, ImageSetBuffer buffer) {
    this.topic = new Topics(config).imageSets();
    this.buffer = buffer;
    this.reader = new SetReader(config, buffer.limits().photos());
    this.admin = Admin.create(config.kafkaClient());
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // so that a gap is noticed
    this.consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Begins to read. The buffer stays the caller's, and must be open until this is closed.
   *
   * @throws org.apache.kafka.common.config.ConfigException if a setting cannot be used; the message is for people
   */
  public static ImageSetConsumer start(AccreteConfig config, ImageSetBuffer buffer) {
    ImageSetConsumer consumer = new ImageSetConsumer(config, buffer);
    consumer.thread.start();
    return consumer;
  }

  /** What the buffer holds, and how many records are still to be read. */
  public BufferStatus status() {
    BufferStatus held = buffer.status();
    long behind = lag;
    return new BufferStatus(held.objects(), held.photos(), held.bytes(), behind < 0 ? OptionalLong.empty() : OptionalLong.of(behind));
  }

  private void run() {
    pause = FIRST_PAUSE_MILLIS;
    while (!stopped()) {
      try {
        seek(partitions());
        while (!stopped()) {
          poll();
        }
      } catch (WakeupException e) {
        log.debug("Woken to stop");
      } catch (IOException e) {
        await("the buffer " + buffer.directory() + " cannot be written (" + e.getMessage() + "). Free space or correct its permissions;"
            + " training goes on with what is there");
      } catch (RuntimeException e) {
        await(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
      }
    }
  }

  private boolean stopped() {
    return stopping.getCount() == 0;
  }

  private void await(String reason) {
    if (stopped()) {
      return;
    }
    log.warn("No image sets are read, trying again in {} ms: {}", pause, reason);
    try {
      stopping.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopping.countDown(); // nobody but the end of the process interrupts this thread
    }
    pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
  }

  private List<TopicPartition> partitions() {
    try {
      TopicDescription description = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      topicId = description.topicId();
      return description.partitions().stream().map(partition -> new TopicPartition(topic, partition.partition())).toList();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new IllegalStateException("There is no topic '" + topic
            + "'. Start the streams application, or run 'accrete topics create'.");
      }
      throw new IllegalStateException("The brokers cannot be asked for topic '" + topic + "': " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      stopping.countDown();
      throw new WakeupException();
    }
  }

  /** Goes to where the buffer ends; also after a failure, so that nothing is left out and nothing taken twice. */
  private void seek(List<TopicPartition> partitions) {
    consumer.assign(partitions);
    for (TopicPartition partition : partitions) {
      OptionalLong offset = buffer.offset(topicId, partition.partition());
      if (offset.isPresent()) {
        consumer.seek(partition, offset.getAsLong());
      } else {
        consumer.seekToBeginning(List.of(partition));
      }
    }
  }

  private void poll() throws IOException {
    ConsumerRecords<String, byte[]> records;
    try {
      records = consumer.poll(POLL);
    } catch (OffsetOutOfRangeException e) {
      skipGap(e);
      return;
    }
    long left = records.count();
    tell(left);
    for (ConsumerRecord<String, byte[]> record : records) {
      store(record);
      if (stopped()) {
        return;
      }
      if (pause > FIRST_PAUSE_MILLIS) {
        log.info("Image sets are read again");
        pause = FIRST_PAUSE_MILLIS;
      }
      tell(--left);
    }
  }

  private void tell(long left) {
    long behind = left;
    for (TopicPartition partition : consumer.assignment()) {
      OptionalLong ahead = consumer.currentLag(partition);
      if (ahead.isEmpty()) {
        return; // not asked for yet
      }
      behind += ahead.getAsLong();
    }
    lag = behind;
  }

  private void skipGap(OffsetOutOfRangeException gap) {
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(gap.offsetOutOfRangePartitions().keySet());
    gap.offsetOutOfRangePartitions().forEach((partition, expected) -> {
      log.warn("{}: expected to continue at offset {}, and the topic begins at {}. It is bounded by size: image sets in between were"
          + " deleted before they were read. Continuing at its beginning.", partition, expected, beginnings.get(partition));
      consumer.seek(partition, beginnings.get(partition));
    });
  }

  private void store(ConsumerRecord<String, byte[]> record) throws IOException {
    Position next = new Position(topicId, record.partition(), record.offset() + 1);
    try (Draft draft = buffer.draft()) {
      Optional<String> object = reader.read(record, draft);
      if (stopped()) {
        return; // downloads were cut short: what could not be had now can be had after the next start
      }
      if (object.isPresent()) {
        draft.commit(object.get(), next);
      } else {
        buffer.passOver(next);
      }
    }
  }

  /** Stops after the set at hand, which is read again the next time if it was not complete. */
  @Override
  public void close() {
    stopping.countDown();
    consumer.wakeup();
    admin.close(Duration.ZERO);
    reader.stop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // what it uses must not be closed under it
      }
    }
    consumer.close();
    reader.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
