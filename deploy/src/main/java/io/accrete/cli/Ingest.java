package io.accrete.cli;

import io.accrete.bundle.Sha256;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFile;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends photos as image events. What the journal holds is not sent again; what the broker acknowledged goes into the journal. */
final class Ingest {
  private final AccreteConfig config;
  private final Serializer<ImageEvent> serializer;
  private final boolean byReference;

  /** {@code byReference}: events name the files (file: addresses, which the app must be allowed to read) instead of holding their bytes. */
  Ingest(AccreteConfig config, Serializer<ImageEvent> serializer, boolean byReference) {
    this.config = config;
    this.serializer = serializer;
    this.byReference = byReference;
  }

  /**
   * What a run did.
   *
   * @param sent photos acknowledged by the brokers
   * @param known photos that the journal already held
   * @param problems photos that could not be sent, each with its reason
   */
  record Outcome(int sent, int known, List<String> problems) {}

  /**
   * Sends the photos and returns when all are acknowledged; {@code onDone} runs once for each photo, sent, known or refused.
   *
   * @throws KafkaException if the brokers refuse or cannot be reached; what they acknowledged before is in the journal
   */
  Outcome send(List<PhotoFile> photos, Journal journal, Runnable onDone) throws IOException {
    List<String> problems = new ArrayList<>();
    int known = 0;
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (KafkaProducer<String, ImageEvent> producer = new KafkaProducer<>(producerConfig(), new StringSerializer(), serializer)) {
      for (PhotoFile photo : photos) {
        rethrow(failure.get());
        String entry;
        ImageEvent event;
        try {
          entry = Journal.entry(photo);
          if (journal.contains(entry)) {
            known++;
            onDone.run();
            continue;
          }
          event = event(photo);
        } catch (IOException | ImageException e) {
          problems.add(photo.name() + ": " + (e instanceof ImageException ? e.getMessage() : "cannot be read (" + e + ")"));
          onDone.run();
          continue;
        }
        producer.send(new ProducerRecord<>(config.getString(ConfigKeys.TOPIC_IMAGE_EVENTS), photo.objectId(), event), (metadata, error) -> {
          if (error == null) {
            journal.add(entry);
            onDone.run();
          } else {
            failure.compareAndSet(null, error);
          }
        });
      }
      producer.flush();
    }
    rethrow(failure.get());
    return new Outcome(photos.size() - known - problems.size(), known, List.copyOf(problems));
  }

  private Map<String, Object> producerConfig() {
    Map<String, Object> producer = config.kafkaClient();
    producer.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    producer.put(ProducerConfig.ACKS_CONFIG, "all");
    int largest = new Topics(config).maxMessageBytes();
    producer.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, largest);
    producer.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(32L * 1024 * 1024, 2L * largest)); // in flight; send() waits beyond it
    producer.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
    return producer;
  }

  private ImageEvent event(PhotoFile photo) throws IOException, ImageException {
    byte[] bytes = photo.read(new ImageLimits(config.getInt(ConfigKeys.IMAGE_MAX_BYTES), Long.MAX_VALUE)); // the app counts pixels
    return ImageEvent.newBuilder()
        .setImageId(photo.imageId())
        .setOperation(Operation.ADD)
        .setContent(byReference ? reference(photo.file(), bytes) : ByteBuffer.wrap(bytes))
        .setSource("accrete ingest")
        .build();
  }

  private static ContentReference reference(Path file, byte[] bytes) throws IOException {
    return new ContentReference(file.toRealPath().toUri().toString(), Sha256.of(bytes));
  }

  private static void rethrow(Exception failure) {
    if (failure != null) {
      throw failure instanceof RuntimeException runtime ? runtime
          : new KafkaException("A photo could not be sent: " + failure.getMessage(), failure);
    }
  }
}
