package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.rollout.RolloutReader;
import io.accrete.streams.rollout.RolloutView;
import io.accrete.topics.Topics;
import io.accrete.trainer.publish.ModelPublisher;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes versions, asks for rollbacks and follows what becomes of them. Not for several threads. */
final class RolloutDriver implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);

  private final AccreteConfig config;
  private final RolloutReader reader;

  RolloutDriver(AccreteConfig config) {
    this.config = config;
    reader = new RolloutReader(config);
  }

  void publish(Bundle bundle) {
    new ModelPublisher(config).publish(bundle, false);
  }

  /** Asks for the version that is draining. */
  void rollback(String version) {
    RolloutCommand command = RolloutCommand.newBuilder().setAction(RolloutAction.ROLLBACK).setModelVersion(version)
        .setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS)).build();
    try (Serializer<RolloutCommand> values = AvroSerdes.serializer(config);
        KafkaProducer<String, RolloutCommand> producer = new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), values)) {
      producer.send(new ProducerRecord<>(new Topics(config).rolloutCommands(), version, command)); // closing waits for it
    }
  }

  /**
   * Waits until a version is in one of these states.
   *
   * @param well throws when there is nothing to wait for any more
   * @param covered told of the number of objects that are covered
   */
  RolloutEvent await(String version, Runnable well, LongConsumer covered, RolloutState... states)
      throws InterruptedException {
    List<RolloutState> wanted = List.of(states);
    int partitions = config.getInt(ConfigKeys.TOPIC_PARTITIONS);
    while (true) {
      well.run();
      RolloutView view = poll();
      Optional<RolloutEvent> event = view.event(version);
      if (event.isPresent() && wanted.contains(event.get().getState())) {
        return event.get();
      }
      if (event.isPresent() && event.get().getState() == RolloutState.FAILED) {
        throw new IllegalStateException("The rollout of " + version + " failed: " + event.get().getReason());
      }
      covered.accept(view.coverage(version, partitions).covered());
    }
  }

  private RolloutView poll() throws InterruptedException {
    try {
      return reader.poll(POLL);
    } catch (InterruptException e) {
      Thread.interrupted(); // Kafka leaves it set, and what is to be closed now would not wait
      throw new InterruptedException();
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
