package io.accrete.streams.write;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.serde.AvroSerdeException;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes image events, each acknowledged by all replicas before it counts as written. Safe for many threads. */
public final class EventWriter implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final int REQUESTS = 3; // that may be tried in that time
  private static final int LINGER_MS = 1;
  private static final int BUFFER_BYTES = 32 << 20;
  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final Duration patience;
  private final String brokers;
  private final String topic;
  private final Serializer<ImageEvent> values;
  private final KafkaProducer<String, byte[]> producer;

  /** Where a record was written. */
  public record Position(String topic, int partition, long offset) {}

  /** Opens a producer; nothing is asked of the brokers yet. */
  public EventWriter(AccreteConfig config) {
    this(config, PATIENCE);
  }

  /**
   * The same with another patience.
   *
   * @param patience so long an event may take to be delivered, when a broker is known; and as long it may take to find one
   */
  public EventWriter(AccreteConfig config, Duration patience) {
    this.patience = patience;
    brokers = String.join(",", config.getList(ConfigKeys.BOOTSTRAP_SERVERS));
    topic = new Topics(config).imageEvents();
    values = AvroSerdes.serializer(config);
    producer = new KafkaProducer<>(settings(config, (int) patience.toMillis()), new StringSerializer(), new ByteArraySerializer());
  }

  private static Map<String, Object> settings(AccreteConfig config, int millis) {
    int largest = new Topics(config).maxMessageBytes();
    Map<String, Object> client = config.kafkaClient();
    client.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    client.put(ProducerConfig.ACKS_CONFIG, "all");
    client.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, largest);
    client.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max((long) BUFFER_BYTES, 2L * largest));
    client.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS); // somebody waits for each
    client.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis / REQUESTS);
    client.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
    client.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
    return client;
  }

  /**
   * Writes an event and waits until it is acknowledged.
   *
   * @param event null: the object is deleted with all its images
   * @throws WriteException if brokers or registry do not take it in time
   */
  public Position write(String objectId, ImageEvent event) throws WriteException {
    try {
      byte[] value = event == null ? null : values.serialize(topic, event);
      RecordMetadata written = producer.send(new ProducerRecord<>(topic, objectId, value))
          .get(2 * patience.toMillis(), TimeUnit.MILLISECONDS);
      return new Position(topic, written.partition(), written.offset());
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } catch (KafkaException | TimeoutException | IllegalStateException e) { // the last: closed meanwhile
      throw failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(new InterruptException(e));
    }
  }

  private WriteException failed(Throwable failure) {
    if (failure instanceof RecordTooLargeException) {
      return new WriteException("The event is larger than the topic " + topic + " takes: " + failure.getMessage(), true, failure);
    }
    if (failure instanceof TimeoutException || failure instanceof org.apache.kafka.common.errors.TimeoutException) {
      return new WriteException("No Kafka broker took the event within " + patience.toSeconds() + " s at " + brokers
          + ". It may have been written all the same; writing it again does no harm.", false, failure);
    }
    return new WriteException(AvroSerdeException.Reason.of(failure) == AvroSerdeException.Reason.REGISTRY_UNAVAILABLE
        && failure instanceof AvroSerdeException ? "The event was not written: " + failure.getMessage()
        : "Kafka did not take the event: " + failure.getMessage(), false, failure);
  }

  /** Waits a little for what is being written, and ends. */
  @Override
  public void close() {
    producer.close(CLOSING);
    values.close();
  }
}
