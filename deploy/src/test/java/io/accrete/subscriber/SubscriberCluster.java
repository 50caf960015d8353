package io.accrete.subscriber;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.local.KafkaBroker;
import io.accrete.local.registry.RegistryServer;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker and a registry for tests of subscribers; what the streams application would write is written by the tests. */
public final class SubscriberCluster implements AutoCloseable {
  static final int PARTITIONS = 3;
  private static final String LOOPBACK = "127.0.0.1";

  private final Path dir;
  private final int registryPort;
  private KafkaBroker broker;
  private RegistryServer registry;

  public SubscriberCluster(Path dir) {
    this.dir = dir;
    broker = KafkaBroker.start(dir, 0);
    registry = RegistryServer.start(broker.bootstrapServers(), LOOPBACK, 0);
    registryPort = registry.url().getPort();
  }

  /** With topics of its own. */
  public AccreteConfig config(String name) {
    return AccreteConfig.of(Map.of(
        ConfigKeys.BOOTSTRAP_SERVERS, broker.bootstrapServers(),
        ConfigKeys.REGISTRY_URL, "http://" + LOOPBACK + ":" + registryPort,
        ConfigKeys.TOPIC_EMBEDDINGS_PREFIX, name + "-embeddings",
        ConfigKeys.TOPIC_MODEL_ROLLOUTS, name + "-rollouts",
        ConfigKeys.TOPIC_PARTITIONS, Integer.toString(PARTITIONS),
        ConfigKeys.TOPIC_REPLICATION, "1",
        AccreteConfig.KAFKA_PREFIX + "fetch.max.wait.ms", "50", // the end of a consumer waits for its last fetch
        AccreteConfig.KAFKA_PREFIX + "request.timeout.ms", "2000",
        AccreteConfig.KAFKA_PREFIX + "default.api.timeout.ms", "2000"));
  }

  /** The topics of the configuration and of these versions. */
  public static void createTopics(AccreteConfig config, String... versions) {
    try (Admin admin = Admin.create(config.kafkaClient())) {
      new Topics(config).create(admin, versions);
    }
  }

  void stopBroker() {
    broker.close();
  }

  void startBroker() {
    broker = KafkaBroker.start(dir, 0);
  }

  void stopRegistry() {
    registry.close();
  }

  void startRegistry() {
    registry = RegistryServer.start(broker.bootstrapServers(), LOOPBACK, registryPort);
  }

  @Override
  public void close() {
    registry.close();
    broker.close();
  }

  public static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(20_000_000); // the test's time limit ends it
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("Waited too long");
      }
    }
  }

  /** Writes in transactions, as the streams application and its coordinator do. Not for several threads. */
  public static final class Writer implements AutoCloseable {
    private final Topics topics;
    private final KafkaProducer<String, byte[]> producer;
    private final Serializer<ObjectEmbedding> embeddings;
    private final Serializer<RolloutEvent> rollouts;

    public Writer(AccreteConfig config, String transactionalId) {
      topics = new Topics(config);
      embeddings = AvroSerdes.serializer(config);
      rollouts = AvroSerdes.serializer(config);
      Map<String, Object> settings = new HashMap<>();
      settings.put("bootstrap.servers", config.kafkaClient().get("bootstrap.servers"));
      settings.put("transactional.id", transactionalId);
      settings.put("retry.backoff.ms", 10); // a transaction that follows at once waits for the end of the one before
      producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
      producer.initTransactions();
    }

    /** What is sent by the steps is one transaction. */
    public void commit(Runnable... steps) {
      producer.beginTransaction();
      List.of(steps).forEach(Runnable::run);
      producer.commitTransaction();
    }

    public void abort(Runnable... steps) {
      producer.beginTransaction();
      List.of(steps).forEach(Runnable::run);
      flush();
      producer.abortTransaction();
    }

    /** So that what was sent is in the topic, and not only in the producer. */
    public void flush() {
      producer.flush();
    }

    /** Where an object's updates are written. */
    public static int partition(String objectId) {
      return Math.floorMod(objectId.hashCode(), PARTITIONS);
    }

    /** @param imageId null: the object is gone */
    public void send(String version, String objectId, String imageId, long sequence) {
      send(version, objectId, imageId == null ? null : ObjectEmbedding.newBuilder().setVector(List.of(1f, 0f, 0f))
          .setModelVersion(version).setImageCount(1).setLastImageId(imageId).setSequence(sequence).setSourcePartition(0)
          .setSourceOffset(0).setUpdatedAt(Instant.EPOCH).build());
    }

    /** @param embedding null: the object is gone */
    public void send(String version, String objectId, ObjectEmbedding embedding) {
      String topic = topics.embeddings(version);
      producer.send(new ProducerRecord<>(topic, partition(objectId), objectId,
          embedding == null ? null : embeddings.serialize(topic, embedding)));
    }

    /** @param to becomes ACTIVE */
    public void flip(String from, String to) {
      commit(() -> {
        if (from != null) {
          rollout(from, RolloutState.DRAINING);
        }
        rollout(to, RolloutState.ACTIVE);
      });
    }

    private void rollout(String version, RolloutState state) {
      RolloutEvent event = RolloutEvent.newBuilder().setModelVersion(version).setState(state).setAt(Instant.EPOCH).build();
      producer.send(new ProducerRecord<>(topics.modelRollouts(), version, rollouts.serialize(topics.modelRollouts(), event)));
    }

    @Override
    public void close() {
      producer.close();
      embeddings.close();
      rollouts.close();
    }
  }
}
