package io.accrete.local.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The registry's storage: a compacted topic of JSON keys and values, read once at start and written through.
 * Writes are transactions of one transactional id: a write that timed out is settled before the next one, and a second registry on the same
 * topic shuts out the first.
 */
final class SchemaLog implements AutoCloseable {
  static final String TOPIC = "_schemas";

  private final ObjectMapper json = new ObjectMapper();
  private final String bootstrapServers;
  private final KafkaProducer<String, String> producer;

  SchemaLog(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
    this.producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrapServers, "transactional.id", TOPIC),
        new StringSerializer(), new StringSerializer());
  }

  /** Creates the topic if need be and hands every key and value to the consumer, in order. */
  void replay(BiConsumer<SchemaKey, String> consumer) {
    createTopic();
    producer.initTransactions(); // whatever an earlier registry left open is settled now
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    try (KafkaConsumer<String, String> reader =
        new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"), new StringDeserializer(),
            new StringDeserializer())) {
      reader.assign(List.of(partition));
      reader.seekToBeginning(List.of(partition));
      long end = reader.endOffsets(List.of(partition)).get(partition);
      while (reader.position(partition) < end) {
        for (ConsumerRecord<String, String> record : reader.poll(Duration.ofMillis(200))) {
          consumer.accept(read(record.key(), SchemaKey.class), record.value());
        }
      }
    }
  }

  /**
   * Returns when the record is stored; a null value deletes the key.
   *
   * @throws RegistryError if it is not stored. Where that is in doubt, every later write fails too, until a restart reads what is true.
   */
  void append(SchemaKey key, Object value) {
    try {
      String text = value == null ? null : json.writeValueAsString(value);
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(TOPIC, 0, json.writeValueAsString(key), text));
      producer.commitTransaction();
    } catch (KafkaException | IllegalStateException | JsonProcessingException e) {
      abort(e);
      throw RegistryError.storage(e);
    }
  }

  private void abort(Exception cause) {
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      cause.addSuppressed(e);
    }
  }

  <T> T read(String text, Class<T> type) {
    try {
      return json.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The topic " + TOPIC + " holds a record that is not a schema registry's: " + e.getOriginalMessage(),
          e);
    }
  }

  private void createTopic() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      NewTopic topic = new NewTopic(TOPIC, 1, (short) -1).configs(Map.of("cleanup.policy", "compact"));
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException("The registry cannot create its topic " + TOPIC + " at " + bootstrapServers + ": "
            + e.getCause().getMessage(), e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while creating the topic " + TOPIC, e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
