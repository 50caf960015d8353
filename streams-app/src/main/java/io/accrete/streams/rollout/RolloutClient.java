package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.rollout.RolloutOrderException.Reason;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What people read of the rollouts, and what they ask of the coordinator. Not for several threads. */
public final class RolloutClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60); // longer than it takes another instance to take over
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int TIMEOUT_MS = 15_000;
  private static final int POLLS_AFTER_ANSWER = 25; // what is committed can be read a moment later

  private final AccreteConfig config;
  private final Topics topics;
  private final TopicPartition commands;
  private final Admin admin;
  private final RolloutReader reader;

  /**
   * Reads the topics, which must exist.
   *
   * @param admin stays open
   */
  public RolloutClient(AccreteConfig config, Admin admin) {
    this.config = config;
    this.admin = admin;
    topics = new Topics(config);
    commands = new TopicPartition(topics.rolloutCommands(), 0);
    reader = new RolloutReader(config);
  }

  /** What is known now. */
  public RolloutView view() {
    return reader.catchUp();
  }

  /** What is known after waiting a little for more. */
  public RolloutView next() {
    return reader.poll(POLL);
  }

  /**
   * Asks for something and waits until it is so.
   *
   * @param version null: the only one that can be meant
   * @return where the version stands then
   * @throws RolloutOrderException if it is refused, or nobody answers
   */
  public RolloutEvent ask(RolloutAction action, String version) {
    RolloutView before = view();
    RolloutCommand wanted = command(action, version);
    Commands.refusal(before, wanted, Brokers.withTopic(admin, topics, before)).ifPresent(why -> {
      boolean unknown = version != null && before.state(version).isEmpty();
      throw new RolloutOrderException(unknown ? Reason.UNKNOWN : Reason.REFUSED, why);
    });
    String target = Commands.target(before, wanted).orElseThrow();
    RolloutCommand command = command(action, target); // by name: what is meant is what is shown now, even if that changes until it is read
    requireCoordinator();
    awaitAnswer(send(command));
    for (int poll = 0; poll < POLLS_AFTER_ANSWER; poll++) {
      Optional<RolloutEvent> event = next().event(target);
      if (event.isPresent() && isDone(action, before.event(target), event.get())) {
        return event.get();
      }
    }
    throw new RolloutOrderException(Reason.REFUSED, "The coordinator refused: " + Commands.refusal(view(), command, Set.of())
        .orElse("see the log of the instances for the reason."));
  }

  private static RolloutCommand command(RolloutAction action, String version) {
    return RolloutCommand.newBuilder().setAction(action).setModelVersion(version).setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
        .build();
  }

  private static boolean isDone(RolloutAction action, Optional<RolloutEvent> before, RolloutEvent event) {
    return switch (action) {
      case PAUSE -> event.getPaused();
      case RESUME -> !event.getPaused();
      case ACTIVATE, ROLLBACK, RETIRE -> event.getState() != RolloutState.PUBLISHED // which nobody has to ask for
          && before.filter(old -> old.getState() == event.getState() && old.getAt().equals(event.getAt())).isEmpty();
    };
  }

  private void requireCoordinator() {
    String group = Coordinator.group(config);
    boolean inCharge;
    try {
      inCharge = Brokers.await(admin.describeConsumerGroups(List.of(group)).describedGroups().get(group)).members().stream()
          .anyMatch(member -> member.assignment().topicPartitions().contains(commands)) && answered() >= 0;
    } catch (GroupIdNotFoundException e) {
      inCharge = false;
    }
    if (!inCharge) {
      throw new RolloutOrderException(Reason.UNAVAILABLE, "Nobody coordinates the rollouts of '" + config.getString(ConfigKeys.APPLICATION_ID)
          + "': no instance of the app is running, or none has taken charge yet. Nothing was asked for. Start 'accrete serve' and try "
          + "again.");
    }
  }

  private long send(RolloutCommand command) {
    Map<String, Object> settings = config.kafkaClient();
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MS);
    try (Serializer<RolloutCommand> values = AvroSerdes.serializer(config);
        KafkaProducer<String, RolloutCommand> producer = new KafkaProducer<>(settings, new StringSerializer(), values)) {
      return producer.send(new ProducerRecord<>(commands.topic(), command.getModelVersion(), command)).get().offset();
    } catch (ExecutionException e) {
      throw new RolloutOrderException(Reason.UNAVAILABLE, "The command cannot be written to " + commands.topic() + ": "
          + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RolloutOrderException(Reason.UNAVAILABLE, "Interrupted; what was asked for may still be done.", e);
    }
  }

  private void awaitAnswer(long offset) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (answered() <= offset) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Nobody answered within " + PATIENCE.toSeconds()
            + " s. What was asked for is done as soon as an instance takes charge; 'accrete models list' shows it then.");
      }
      next();
    }
  }

  /** Offset up to which commands are answered; negative if nobody has ever been in charge. */
  private long answered() {
    OffsetAndMetadata offset = Brokers.await(admin.listConsumerGroupOffsets(Coordinator.group(config)).partitionsToOffsetAndMetadata())
        .get(commands);
    return offset == null ? -1 : offset.offset();
  }

  @Override
  public void close() {
    reader.close();
  }
}
