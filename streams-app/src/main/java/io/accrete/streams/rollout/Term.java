package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.TopicException;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time during which one coordinator is in charge: what it knows, and its right to write. What a call throws ends it.
 *
 * <p>Beginning a term fences whoever was in charge before: all use one transactional id.
 */
final class Term implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Term.class);
  private static final int TIMEOUT_MS = 15_000;
  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final Topics topics;
  private final RolloutSettings settings;
  private final TopicPartition commands;
  private final Serializer<RolloutEvent> events;
  private final Brokers brokers;
  private final KafkaProducer<String, byte[]> producer;
  private final RolloutReader reader;
  private final Set<String> gone = new HashSet<>(); // versions whose topic was deleted in this term
  private RolloutView view;

  /** A term that is still to begin. */
  Term(AccreteConfig config, RolloutSettings settings, String group) {
    this.settings = settings;
    topics = new Topics(config);
    commands = new TopicPartition(topics.rolloutCommands(), 0);
    Map<String, Object> client = config.kafkaClient();
    client.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group);
    client.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TIMEOUT_MS);
    client.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MS);
    events = AvroSerdes.serializer(config);
    brokers = new Brokers(config);
    producer = new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer());
    reader = new RolloutReader(config);
  }

  /**
   * Takes charge, and reads what there is.
   *
   * @param nextCommand offset of the first command that is not answered
   */
  void begin(long nextCommand, ConsumerGroupMetadata member) {
    producer.initTransactions();
    view = reader.catchUp(); // all that the one before has written: its last transaction is over now
    write(List.of(), nextCommand, member); // from now on no command is passed over, whoever is in charge
  }

  /** Takes in what has come and does what follows. */
  void goOn(long nextCommand, ConsumerGroupMetadata member) {
    view = reader.poll(Duration.ZERO);
    Decision decision = decide(null);
    if (!decision.events().isEmpty()) {
      write(decision.events(), nextCommand, member);
    }
    removeTopics();
  }

  /** Carries out a command, or refuses it; either way it is answered. */
  void carryOut(RolloutCommand command, long offset, ConsumerGroupMetadata member) {
    view = reader.catchUp(); // all that whoever wrote the command could know
    Decision decision = decide(command);
    decision.refusal().ifPresent(reason -> log.warn("Command {} refused: {}", describe(command), reason));
    if (decision.refusal().isEmpty()) {
      log.info("Command {}", describe(command));
    }
    write(decision.events(), offset + 1, member);
  }

  /** Passes over a command that cannot be read. */
  void passOver(long offset, ConsumerGroupMetadata member) {
    write(List.of(), offset + 1, member);
  }

  private Decision decide(RolloutCommand command) {
    Application application = brokers.application(view, command != null);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    return Decisions.decide(view, application, command, now, settings);
  }

  private void write(List<RolloutEvent> decided, long nextCommand, ConsumerGroupMetadata member) {
    List<RolloutEvent> possible = prepare(decided);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    producer.beginTransaction();
    for (RolloutEvent event : possible) {
      String version = event.getModelVersion();
      sent.add(producer.send(new ProducerRecord<>(topics.modelRollouts(), 0, version, events.serialize(topics.modelRollouts(), event))));
      if (event.getState() == RolloutState.WARMING) {
        forgetReports(version, sent);
      }
    }
    producer.sendOffsetsToTransaction(Map.of(commands, new OffsetAndMetadata(nextCommand)), member);
    producer.commitTransaction();
    possible.forEach(this::tell);
    view = reader.readPast(sent.stream().map(Term::metadata).toList());
  }

  /** What instances and partitions said when the version was tried before must not count this time. */
  private void forgetReports(String version, List<Future<RecordMetadata>> sent) {
    for (RolloutReport report : view.reports(version)) {
      sent.add(producer.send(new ProducerRecord<>(topics.rolloutReports(), 0, version + "/" + report.getReporter(), null)));
    }
  }

  /** A version's embeddings topic is there before anybody may write to it. */
  private List<RolloutEvent> prepare(List<RolloutEvent> decided) {
    List<RolloutEvent> possible = new ArrayList<>();
    for (RolloutEvent event : decided) {
      boolean first = event.getState() == RolloutState.ACTIVE && view.latest(RolloutState.ACTIVE).isEmpty();
      try {
        if (isNews(event) && (event.getState() == RolloutState.BACKFILLING || first)) {
          brokers.createTopic(event.getModelVersion());
        }
      } catch (TopicException e) {
        if (first || e.getCause() instanceof RetriableException) {
          throw e;
        }
        possible.add(RolloutEvent.newBuilder().setModelVersion(event.getModelVersion()).setState(RolloutState.FAILED)
            .setReason(e.getMessage()).setAt(event.getAt()).build());
        return possible; // what was to follow is decided anew
      }
      possible.add(event);
    }
    return possible;
  }

  private void removeTopics() {
    for (RolloutEvent event : view.events()) {
      String version = event.getModelVersion();
      if (!view.isOver(version)) {
        gone.remove(version);
      } else if (!gone.contains(version) && view.isRemoved(version, settings.partitions())) {
        brokers.deleteTopic(version);
        gone.add(version);
      }
    }
  }

  private void tell(RolloutEvent event) {
    if (isNews(event)) {
      log.info("Model {} is {}: {}", event.getModelVersion(), event.getState(), event.getReason());
    } else {
      log.debug("Model {} is {}, {} covered{}", event.getModelVersion(), event.getState(), event.getCoverage(),
          event.getPaused() ? ", paused" : "");
    }
  }

  private boolean isNews(RolloutEvent event) {
    return view.event(event.getModelVersion()).filter(before -> before.getState() == event.getState()).isEmpty();
  }

  private static String describe(RolloutCommand command) {
    return command.getAction() + (command.getModelVersion() == null ? "" : " " + command.getModelVersion());
  }

  private static RecordMetadata metadata(Future<RecordMetadata> sent) {
    try {
      return sent.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** Ends a call that is waiting for the brokers, as far as that is possible; from any thread. */
  void wakeup() {
    reader.wakeup();
    brokers.close();
  }

  @Override
  public void close() {
    producer.close(CLOSING);
    reader.close();
    brokers.close();
    events.close();
  }
}
