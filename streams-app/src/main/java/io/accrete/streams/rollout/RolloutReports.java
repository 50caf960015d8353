package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutReport;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes what this instance says of model versions to {@code rollout-reports}. */
final class RolloutReports implements AutoCloseable {
  private static final int TIMEOUT_MS = 10_000;

  private final String topic;
  private final Serializer<RolloutReport> values;
  private final KafkaProducer<String, byte[]> producer;

  RolloutReports(AccreteConfig config) {
    topic = new Topics(config).rolloutReports();
    values = AvroSerdes.serializer(config);
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  /** Sends a report and returns when the brokers have it; throws if they do not take it in time, or the registry cannot be used. */
  void send(RolloutReport report) {
    byte[] value = values.serialize(topic, report);
    try {
      producer.send(new ProducerRecord<>(topic, report.getModelVersion() + "/" + report.getReporter(), value)).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException refused ? refused : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** Ends a {@link #send} of another thread, and lets no other begin. */
  void stop() {
    producer.close(Duration.ZERO);
  }

  @Override
  public void close() {
    stop();
    values.close();
  }
}
