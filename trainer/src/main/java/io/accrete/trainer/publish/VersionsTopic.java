package io.accrete.trainer.publish;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ModelVersion;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The compacted topic of published models: one partition, by version. Every call connects anew: publishing is rare. */
final class VersionsTopic {
  private static final int TIMEOUT_MS = 15_000;
  private static final int SEND_TIMEOUT_MS = 30_000;

  private final AccreteConfig config;
  private final String topic;

  VersionsTopic(AccreteConfig config) {
    this.config = config;
    this.topic = new Topics(config).modelVersions();
  }

  /** What the topic says of a version now; empty if nothing, or that it is gone. */
  Optional<ModelVersion> find(String version) {
    byte[] newest = told(() -> newest(version));
    try (Deserializer<ModelVersion> deserializer = AvroSerdes.deserializer(ModelVersion.class, config)) {
      return Optional.ofNullable(deserializer.deserialize(topic, newest));
    }
  }

  private byte[] newest(String version) {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    byte[] newest = null;
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = partition(consumer);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      long deadline = System.nanoTime() + Duration.ofMillis(TIMEOUT_MS).toNanos();
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          newest = version.equals(record.key()) ? record.value() : newest;
          deadline = System.nanoTime() + Duration.ofMillis(TIMEOUT_MS).toNanos();
        }
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("no records");
        }
      }
    }
    return newest;
  }

  private TopicPartition partition(KafkaConsumer<String, byte[]> consumer) {
    int partitions = consumer.partitionsFor(topic).size();
    if (partitions == 0) {
      throw new UnknownTopicOrPartitionException();
    }
    if (partitions != 1) {
      throw new PublishException("Topic '" + topic + "' has " + partitions + " partitions; expected 1. Delete it and create it again, or "
          + "configure another name (" + ConfigKeys.TOPIC_MODEL_VERSIONS + ").");
    }
    return new TopicPartition(topic, 0);
  }

  /** The record as it goes to the topic; registers its schema. */
  byte[] serialize(ModelVersion model) {
    try (Serializer<ModelVersion> serializer = AvroSerdes.serializer(config)) {
      return serializer.serialize(topic, model);
    }
  }

  /** Sends a record and returns when the brokers have it. */
  void send(String version, byte[] model) {
    Map<String, Object> settings = new HashMap<>(config.kafkaClient());
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MS);
    settings.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, SEND_TIMEOUT_MS);
    told(() -> {
      try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
        return producer.send(new ProducerRecord<>(topic, version, model)).get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof KafkaException refused ? refused : new KafkaException(e.getCause());
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    });
  }

  private <T> T told(Supplier<T> call) {
    try {
      return call.get();
    } catch (UnknownTopicOrPartitionException e) {
      throw new PublishException("There is no topic '" + topic + "' at " + brokers()
          + ". 'accrete topics create' creates it; so does the first start of 'accrete serve'.", e);
    } catch (TimeoutException e) {
      throw new PublishException("No Kafka broker at " + brokers() + " answered in time. Check " + ConfigKeys.BOOTSTRAP_SERVERS + ".", e);
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new PublishException("Topic '" + topic + "' at " + brokers() + " cannot be used: " + cause.getMessage() + " Check "
          + ConfigKeys.BOOTSTRAP_SERVERS + ", the kafka.* settings and the rights of this client.", e);
    }
  }

  private String brokers() {
    return String.join(",", config.getList(ConfigKeys.BOOTSTRAP_SERVERS));
  }
}
