package io.accrete.streams.rollout;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ModelVersion;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The rollouts' topics of an application of its own on a cluster: written to as instances, tasks and people do, and read. */
public final class Rollouts implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 90;

  private final AccreteConfig config;
  private final Topics topics;
  private final Admin admin;
  private final KafkaProducer<String, SpecificRecord> producer;
  private final RolloutReader reader;

  public Rollouts(AccreteConfig cluster, String application, Map<String, String> more) {
    Map<String, String> own = new HashMap<>(Map.of(
        ConfigKeys.APPLICATION_ID, application,
        ConfigKeys.TOPIC_PARTITIONS, "2",
        ConfigKeys.TOPIC_IMAGE_EVENTS, application + "-image-events",
        ConfigKeys.TOPIC_EMBEDDINGS_PREFIX, application + "-object-embeddings",
        ConfigKeys.TOPIC_MODEL_VERSIONS, application + "-model-versions",
        ConfigKeys.TOPIC_MODEL_ROLLOUTS, application + "-model-rollouts",
        ConfigKeys.TOPIC_ROLLOUT_REPORTS, application + "-rollout-reports",
        ConfigKeys.TOPIC_ROLLOUT_COMMANDS, application + "-rollout-commands",
        ConfigKeys.TOPIC_IMAGE_SETS, application + "-image-sets",
        ConfigKeys.TOPIC_DEAD_LETTERS, application + "-dead-letters"));
    own.putAll(more);
    config = cluster.with(own);
    topics = new Topics(config);
    admin = Admin.create(config.kafkaClient());
    topics.create(admin);
    Serializer<SpecificRecord> values = AvroSerdes.serializer(config);
    producer = new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), values);
    reader = new RolloutReader(config);
  }

  public AccreteConfig config() {
    return config;
  }

  /** The configuration as a file, for commands and other processes. */
  public Path configFile(Path directory) throws IOException {
    Properties properties = new Properties();
    properties.putAll(config.originalsStrings());
    Path file = directory.resolve("accrete.properties");
    try (Writer writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
    }
    return file;
  }

  public void publish(String version) throws Exception {
    send(topics.modelVersions(), version, ModelVersion.newBuilder().setModelVersion(version).setBundleUri("file:///models/" + version)
        .setEncoderSha256("e").setAggregatorSha256("a").setManifestSha256("m").setEmbeddingDimension(12).setStateTokens(1)
        .setTokenDimension(12).setImageSize(16).setMetrics(Map.of("mean.ar10", 0.5)).setPublishedAt(now()).build());
  }

  public void ready(String version, String instance) throws Exception {
    report(version, "instance-" + instance, builder(ReportKind.READY));
  }

  public void failed(String version, String instance, String reason) throws Exception {
    report(version, "instance-" + instance, builder(ReportKind.FAILED).setReason(reason));
  }

  public void coverage(String version, int partition, long objects, long covered, List<String> unreadable, boolean complete)
      throws Exception {
    report(version, "partition-" + partition, builder(ReportKind.COVERAGE).setObjects(objects).setCovered(covered)
        .setUnreadable(unreadable.size()).setUnreadableObjects(unreadable).setComplete(complete));
  }

  /** What the partitions say of a version that is over since then. */
  public void removed(String version, Instant since) throws Exception {
    for (int partition = 0; partition < 2; partition++) {
      report(version, "partition-" + partition, builder(ReportKind.REMOVED).setSince(since));
    }
  }

  /** A version all the way to ACTIVE. */
  public void roll(String version) throws Exception {
    publish(version);
    await(version, RolloutState.WARMING);
    ready(version, "one");
    await(version, RolloutState.BACKFILLING);
    coverage(version, 0, 2, 2, List.of(), true);
    coverage(version, 1, 1, 1, List.of(), true);
    await(version, RolloutState.ACTIVE);
  }

  public void command(RolloutAction action, String version) throws Exception {
    send(topics.rolloutCommands(), version == null ? "" : version,
        RolloutCommand.newBuilder().setAction(action).setModelVersion(version).setAt(now()).build());
  }

  public RolloutEvent await(String version, RolloutState state) {
    return await(version + " " + state, view -> view.event(version).filter(event -> event.getState() == state).isPresent())
        .event(version).orElseThrow();
  }

  public RolloutView await(String what, Predicate<RolloutView> condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (RolloutView view = reader.poll(Duration.ZERO); ; view = reader.poll(Duration.ofMillis(100))) {
      if (condition.test(view)) {
        return view;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Waited too long for " + what + "; found " + view.events());
      }
    }
  }

  /** All events ever written, as version and state. */
  public List<String> history() {
    return events().stream().map(event -> event.getModelVersion() + " " + event.getState()).toList();
  }

  /** Waits until a version has become active so many times in all. */
  public void awaitFlips(long flips) {
    await(flips + " flips", any -> flips() >= flips);
  }

  public long flips() {
    return events().stream().filter(event -> event.getState() == RolloutState.ACTIVE).count();
  }

  public List<RolloutEvent> events() {
    Map<String, Object> settings = config.kafkaClient();
    settings.put("isolation.level", "read_committed");
    List<RolloutEvent> events = new ArrayList<>();
    TopicPartition partition = new TopicPartition(topics.modelRollouts(), 0);
    try (Deserializer<RolloutEvent> values = AvroSerdes.deserializer(RolloutEvent.class, config);
        KafkaConsumer<String, RolloutEvent> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), values)) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, RolloutEvent> record : consumer.poll(Duration.ofMillis(100))) {
          events.add(record.value());
        }
      }
    }
    return events;
  }

  public boolean hasTopic(String version) throws Exception {
    return admin.listTopics().names().get().contains(topics.embeddings(version));
  }

  private static RolloutReport.Builder builder(ReportKind kind) {
    return RolloutReport.newBuilder().setKind(kind).setAt(now());
  }

  private void report(String version, String reporter, RolloutReport.Builder report) throws Exception {
    send(topics.rolloutReports(), version + "/" + reporter, report.setModelVersion(version).setReporter(reporter).build());
  }

  private void send(String topic, String key, SpecificRecord value) throws Exception {
    producer.send(new ProducerRecord<>(topic, key, value)).get();
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  public void close() {
    reader.close();
    producer.close();
    admin.close();
  }
}
