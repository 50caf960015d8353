package io.accrete.streams.training;

import io.accrete.config.AccreteConfig;
import io.accrete.events.TrainingProgress;
import io.accrete.serde.AvroSerdeException.Reason;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all of {@code training-progress} on a thread of its own, without a consumer group. It is for people who watch: whatever fails only
 * costs what could have been shown, and is tried again. A topic that is not there has no runs.
 */
public final class TrainingProgressReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrainingProgressReader.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long PAUSE_SECONDS = 5;
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final AccreteConfig config;
  private final TopicPartition partition;
  private final TrainingRuns runs = new TrainingRuns();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "training-progress");
  private volatile KafkaConsumer<String, byte[]> consumer;
  private boolean told;

  /** It reads nothing before it is started. */
  public TrainingProgressReader(AccreteConfig config) {
    this.config = config;
    partition = new TopicPartition(new Topics(config).trainingProgress(), 0);
    thread.setDaemon(true);
  }

  /** Begins to read; to be called once. */
  public void start() {
    thread.start();
  }

  TrainingRuns runs() {
    return runs;
  }

  private void run() {
    try (Deserializer<TrainingProgress> values = AvroSerdes.deserializer(TrainingProgress.class, config)) {
      while (stopping.getCount() > 0) {
        try {
          read(values);
        } catch (WakeupException | InterruptException e) {
          log.debug("Woken to stop");
        } catch (RuntimeException e) {
          pause(e.getMessage());
        }
      }
    }
  }

  private void read(Deserializer<TrainingProgress> values) {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    KafkaConsumer<String, byte[]> reading = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    try {
      consumer = reading;
      while (stopping.getCount() > 0 && reading.partitionsFor(partition.topic()).isEmpty()) {
        pause("there is no such topic");
      }
      runs.clear();
      reading.assign(List.of(partition));
      reading.seekToBeginning(List.of(partition));
      while (stopping.getCount() > 0) {
        for (ConsumerRecord<String, byte[]> record : reading.poll(POLL)) {
          apply(record, values);
        }
      }
    } finally {
      consumer = null;
      reading.close(CloseOptions.timeout(FAREWELL));
    }
  }

  private void apply(ConsumerRecord<String, byte[]> record, Deserializer<TrainingProgress> values) {
    while (stopping.getCount() > 0) {
      try {
        TrainingProgress progress = values.deserialize(record.topic(), record.value());
        if (progress != null) {
          runs.apply(progress);
        }
        told = false;
        return;
      } catch (RuntimeException e) {
        if (Reason.of(e) != Reason.REGISTRY_UNAVAILABLE) {
          log.debug("Passing over offset {} of {}: {}", record.offset(), record.topic(), e.getMessage());
          return;
        }
        pause(e.getMessage());
      }
    }
  }

  private void pause(String reason) {
    if (stopping.getCount() > 0 && !told) {
      log.warn("What trainers tell cannot be read from topic '{}' and is tried again: {}", partition.topic(), reason);
      told = true;
    }
    try {
      stopping.await(PAUSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      stopping.countDown();
    }
  }

  /** Stops reading, and waits for it. */
  @Override
  public void close() {
    stopping.countDown();
    KafkaConsumer<String, byte[]> reading = consumer;
    if (reading != null) {
      reading.wakeup();
    }
    try {
      thread.join(FAREWELL.multipliedBy(5).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
