package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.RolloutCommand;
import io.accrete.serde.AvroSerdeException;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides about the rollouts of an application, on a thread of its own. Every instance has one; in charge is whoever has the partition of
 * {@code rollout-commands} in the group {@code <application.id>-rollouts}, and the others stand by. While brokers or registry cannot be
 * used it waits and says so once.
 */
public final class Coordinator implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Coordinator.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration CLOSING = Duration.ofSeconds(2);
  private static final int TIMEOUT_MS = 15_000;
  private static final int SESSION_TIMEOUT_MS = 10_000; // as of the stream threads: after a kill nobody is in charge so long
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final AccreteConfig config;
  private final RolloutSettings settings;
  private final TopicPartition commands;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "rollouts");
  private volatile KafkaConsumer<String, byte[]> consumer;
  private volatile Term term; // null: not in charge
  private boolean assigned;
  private boolean troubled;
  private long pause = FIRST_PAUSE_MILLIS;

  private Coordinator(AccreteConfig config, String configured) {
    this.config = config;
    settings = RolloutSettings.of(config, configured);
    commands = new TopicPartition(new Topics(config).rolloutCommands(), 0);
  }

  /**
   * Begins to coordinate, or to stand by. The topics must exist.
   *
   * @param configured version of the bundle that this instance is configured with, with which an application begins that has no active one
   */
  public static Coordinator start(AccreteConfig config, String configured) {
    Coordinator coordinator = new Coordinator(config, configured);
    coordinator.thread.start();
    return coordinator;
  }

  /** The consumer group of the coordinators of an application, and the transactional id of the one in charge. */
  public static String group(AccreteConfig config) {
    return config.getString(ConfigKeys.APPLICATION_ID) + "-rollouts";
  }

  private void run() {
    while (!stopped()) {
      try (Deserializer<RolloutCommand> values = AvroSerdes.deserializer(RolloutCommand.class, config)) {
        consumer = new KafkaConsumer<>(consumerSettings(), new StringDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(commands.topic()), new Charge());
        while (!stopped()) {
          coordinate(values);
        }
        leave();
      } catch (RuntimeException e) {
        leave(); // before it waits: another instance may be better off
        await(e);
      }
    }
  }

  private Map<String, Object> consumerSettings() {
    Map<String, Object> client = config.kafkaClient();
    client.put(ConsumerConfig.GROUP_ID_CONFIG, group(config));
    client.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"); // offsets of a transaction that is still open are waited for
    client.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
    client.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName()); // who joins stands by
    client.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    client.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // Where nobody ever was in charge, or for longer than offsets are kept, what was wanted then is not carried out now.
    client.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    client.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MS);
    client.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    client.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    return client;
  }

  private void coordinate(Deserializer<RolloutCommand> values) {
    ConsumerRecords<String, byte[]> wanted = consumer.poll(POLL);
    if (!assigned) {
      return;
    }
    if (term == null) {
      term = new Term(config, settings, group(config));
      term.begin(wanted.isEmpty() ? consumer.position(commands) : wanted.iterator().next().offset(), consumer.groupMetadata());
      log.info("In charge of the rollouts of {}", config.getString(ConfigKeys.APPLICATION_ID));
    }
    for (ConsumerRecord<String, byte[]> record : wanted) {
      answer(record, values);
    }
    term.goOn(consumer.position(commands), consumer.groupMetadata());
    if (troubled) {
      log.info("Rollouts are coordinated again");
      troubled = false;
      pause = FIRST_PAUSE_MILLIS;
    }
  }

  private void answer(ConsumerRecord<String, byte[]> record, Deserializer<RolloutCommand> values) {
    RolloutCommand command = null;
    try {
      command = values.deserialize(record.topic(), record.value());
    } catch (RuntimeException e) {
      if (AvroSerdeException.Reason.of(e) == AvroSerdeException.Reason.REGISTRY_UNAVAILABLE) {
        throw e;
      }
      log.warn("A command is passed over, as it cannot be read: {} at offset {}, {}", record.topic(), record.offset(), e.getMessage());
    }
    if (command == null) {
      term.passOver(record.offset(), consumer.groupMetadata());
    } else {
      term.carryOut(command, record.offset(), consumer.groupMetadata());
    }
  }

  private boolean stopped() {
    return stopping.getCount() == 0;
  }

  private void await(RuntimeException failure) {
    if (stopped()) {
      return; // woken to stop
    }
    if (!troubled) {
      log.warn("Rollouts are not coordinated here for now; trying again: {}", message(failure));
    }
    log.debug("Not coordinating", failure);
    troubled = true;
    try {
      stopping.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopping.countDown(); // nobody but close interrupts this thread
    }
    pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
  }

  private static String message(Throwable failure) {
    boolean wraps = failure.getCause() instanceof KafkaException; // "Failed to create ...", and the cause says why
    return wraps ? message(failure.getCause()) : failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  /** Out of charge first, then out of the group: so that nobody is kept waiting for what is still to be written. */
  private void leave() {
    Thread.interrupted(); // so that the group can be told
    try {
      endTerm();
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(CLOSING));
      }
    } catch (RuntimeException e) {
      log.debug("Left without a farewell", e); // the group notices by itself
    }
    consumer = null;
  }

  private void endTerm() {
    assigned = false;
    Term ended = term;
    term = null;
    if (ended != null) {
      ended.close();
    }
  }

  /** Ends promptly, after the step at hand; another coordinator takes over. */
  @Override
  public void close() {
    stopping.countDown();
    KafkaConsumer<String, byte[]> waiting = consumer;
    if (waiting != null) {
      waiting.wakeup();
    }
    Term current = term;
    if (current != null) {
      current.wakeup();
    }
    boolean interrupted = false;
    boolean patient = true;
    while (thread.isAlive()) {
      try {
        thread.join(CLOSING.toMillis());
        if (patient && thread.isAlive()) {
          thread.interrupt(); // it waits for brokers that are away
          patient = false;
        }
      } catch (InterruptedException e) {
        interrupted = true; // what it uses must not be closed under it
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Charge implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      assigned = assigned || partitions.contains(commands);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      if (partitions.contains(commands)) {
        endTerm();
      }
    }
  }
}
