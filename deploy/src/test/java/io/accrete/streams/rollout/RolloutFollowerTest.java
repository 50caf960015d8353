package io.accrete.streams.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ModelVersion;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import io.accrete.image.ImageLimits;
import io.accrete.local.KafkaBroker;
import io.accrete.local.registry.RegistryServer;
import io.accrete.model.MeanAggregator;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.runtime.Model;
import io.accrete.runtime.ModelException;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.encode.ServedModel;
import io.accrete.tensor.Parameters;
import io.accrete.topics.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One instance's side of rollouts against a real broker and registry, with real (tiny) bundles. */
@Timeout(180)
class RolloutFollowerTest {
  private static final int SIDE = 16;
  private static final int DIMENSION = 8;
  private static final long PATIENCE_SECONDS = 90;

  @TempDir private Path dir;
  private KafkaBroker broker;
  private RegistryServer registry;
  private AccreteConfig config;
  private Bundle configured;
  private RolloutFollower follower;
  private long clock = 1_000;

  @BeforeEach
  void start() {
    broker = KafkaBroker.start(dir.resolve("kafka"), 0);
    registry = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0);
    config = AccreteConfig.of(Map.of(
        ConfigKeys.BOOTSTRAP_SERVERS, broker.bootstrapServers(),
        ConfigKeys.REGISTRY_URL, registry.url().toString(),
        ConfigKeys.TOPIC_PARTITIONS, "1",
        ConfigKeys.STATE_DIR, dir.resolve("state").toString(),
        ConfigKeys.MODELS_URI, dir.resolve("store").toUri().toString(),
        ConfigKeys.DEVICE, "cpu"));
    try (Admin admin = Admin.create(config.kafkaClient())) {
      new Topics(config).create(admin);
    }
    configured = bundle("configured", 100);
  }

  @AfterEach
  void stop() {
    if (follower != null) {
      follower.close();
    }
    registry.close();
    broker.close();
  }

  private void follow() {
    follower = RolloutFollower.start(config, configured, model -> ServedModel.of(model, ImageLimits.LOCAL));
  }

  private Bundle bundle(String version, long seed) {
    VitConfig vit = VitConfig.plain(new Stem.Patch(8), SIDE, DIMENSION, 1, 2);
    EncoderGraph encoder = EncoderGraph.of(new Vit(vit), Parameters.random(seed), Preprocessing.imageNet(SIDE, SIDE), false, Map.of());
    AggregatorGraph mean = AggregatorGraph.of(new MeanAggregator(DIMENSION), Parameters.random(seed), encoder.tokens(), false, Map.of());
    return BundleWriter.write(new BundleDraft("tiny", version, "For a test.", encoder, mean, Map.of(), Map.of()),
        dir.resolve("store").resolve(version), false);
  }

  private void publish(Bundle bundle) throws Exception {
    publish(bundle, bundle.root().toUri().toString());
  }

  private void publish(Bundle bundle, String address) throws Exception {
    send(new Topics(config).modelVersions(), bundle.version(), ModelVersion.newBuilder().setModelVersion(bundle.version())
        .setBundleUri(address).setEncoderSha256(bundle.encoderSha256()).setAggregatorSha256(bundle.aggregatorSha256())
        .setManifestSha256(bundle.manifestSha256()).setEmbeddingDimension(DIMENSION).setStateTokens(1).setTokenDimension(DIMENSION)
        .setImageSize(SIDE).setPublishedAt(Instant.ofEpochMilli(1)).build());
  }

  private void enter(String version, RolloutState state) throws Exception {
    enter(version, state, false);
  }

  private void enter(String version, RolloutState state, boolean paused) throws Exception {
    send(new Topics(config).modelRollouts(), version, RolloutEvent.newBuilder().setModelVersion(version).setState(state).setPaused(paused)
        .setAt(Instant.ofEpochMilli(++clock)).build());
  }

  private <T extends SpecificRecord> void send(String topic, String key, T value) throws Exception {
    try (KafkaProducer<String, T> producer =
        new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), AvroSerdes.<T>serializer(config))) {
      producer.send(new ProducerRecord<>(topic, key, value)).get();
    }
  }

  /** Waits for so many reports in all, and returns them. */
  private List<RolloutReport> reports(int count) {
    TopicPartition partition = new TopicPartition(new Topics(config).rolloutReports(), 0);
    List<RolloutReport> reports = new ArrayList<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (KafkaConsumer<String, RolloutReport> consumer = new KafkaConsumer<>(config.kafkaClient(), new StringDeserializer(),
        AvroSerdes.deserializer(RolloutReport.class, config))) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (reports.size() < count) {
        assertThat(System.nanoTime()).as("%s reports, of which came %s", count, reports).isLessThan(end);
        for (ConsumerRecord<String, RolloutReport> record : consumer.poll(Duration.ofMillis(200))) {
          assertThat(record.key()).isEqualTo(record.value().getModelVersion() + "/instance-" + InstanceId.of(config));
          reports.add(record.value());
        }
      }
    }
    return reports;
  }

  private RolloutReport lastOf(int count) {
    List<RolloutReport> reports = reports(count);
    assertThat(reports).hasSize(count);
    return reports.get(count - 1);
  }

  private static void assertReport(RolloutReport report, String version, ReportKind kind) {
    assertThat(report.getKind()).as("%s", report).isEqualTo(kind);
    assertThat(report.getModelVersion()).isEqualTo(version);
  }

  private static float[] fold(Model model) {
    return model.fold(null, model.encode(List.of(new byte[SIDE * SIDE * 3]))[0], 0).embedding();
  }

  @Test
  void shouldLoadWhatWarmsAndCloseWhatIsRetired() throws Exception {
    follow();
    publish(bundle("v1", 1));
    enter("v1", RolloutState.PUBLISHED);
    enter("v1", RolloutState.WARMING);
    assertReport(lastOf(1), "v1", ReportKind.READY);
    FollowedVersion v1 = follower.current().get("v1");
    assertThat(v1.state()).isEqualTo(RolloutState.WARMING);
    assertThat(fold(v1.model().orElseThrow())).hasSize(DIMENSION);
    assertThat(follower.live()).as("nothing folds under it yet").isEmpty();
    enter("v1", RolloutState.BACKFILLING, true);
    follower.awaitLoaded();
    assertThat(follower.live().orElseThrow().serving().version()).isEqualTo("v1");
    assertThat(follower.live().orElseThrow().sweeping()).as("it is paused").isEmpty();

    RolloutFollower.Lease lease = follower.acquire();
    Model leased = lease.versions().get("v1").model().orElseThrow();
    enter("v1", RolloutState.RETIRED);
    publish(bundle("v2", 2));
    enter("v2", RolloutState.WARMING);
    assertReport(lastOf(2), "v2", ReportKind.READY); // and so what came before was acted on

    assertThat(follower.current().get("v1").state()).isEqualTo(RolloutState.RETIRED);
    assertThat(follower.current().get("v1").model()).isEmpty();
    assertThat(fold(leased)).as("still in use").hasSize(DIMENSION);
    lease.close();
    lease.close();
    assertThatThrownBy(() -> fold(leased)).isInstanceOf(IllegalStateException.class).hasMessageContaining("was closed");
    assertThat(dir.resolve("state/fetched-models/v1")).doesNotExist();
    assertThat(dir.resolve("state/fetched-models/v2")).isDirectory();
    assertThat(dir.resolve("store/v1")).isDirectory();
  }

  @Test
  void shouldReportWhyAModelCannotBeUsedAndGoOn() throws Exception {
    publish(bundle("good", 1));
    enter("good", RolloutState.ACTIVE);
    follow();
    follower.awaitLoaded();
    assertThat(follower.live().orElseThrow().sweeping()).as("where it is not complete it becomes so").isPresent();
    assertReport(lastOf(1), "good", ReportKind.READY);

    Bundle bad = bundle("bad", 2);
    Path encoder = bad.encoder();
    byte[] whole = Files.readAllBytes(encoder);
    byte[] corrupted = whole.clone();
    corrupted[whole.length / 2] ^= 1;
    Files.write(encoder, corrupted);
    publish(bad);
    enter("bad", RolloutState.WARMING);
    RolloutReport failed = lastOf(2);
    assertReport(failed, "bad", ReportKind.FAILED);
    assertThat(failed.getReason()).contains("/store/bad/encoder.onnx is not the file that was published: expected SHA-256 "
        + bad.encoderSha256());
    assertThat(follower.current().get("bad").model()).isEmpty();
    assertThat(fold(follower.current().get("good").model().orElseThrow())).hasSize(DIMENSION);

    enter("bad", RolloutState.FAILED);
    Files.write(encoder, whole);
    enter("bad", RolloutState.WARMING);
    RolloutReport ready = lastOf(3);
    assertReport(ready, "bad", ReportKind.READY);
    assertThat(ready.getReason()).isNull();
    assertThat(ready.getAt()).isAfterOrEqualTo(failed.getAt());
  }

  @Test
  void shouldNotStartWithoutAModelThatIsInUse() throws Exception {
    Bundle gone = bundle("gone", 1);
    publish(gone);
    enter("gone", RolloutState.ACTIVE);
    Files.delete(gone.root().resolve(Bundle.MANIFEST));
    follow();
    assertThatThrownBy(follower::awaitLoaded).isInstanceOf(ModelException.class).hasMessageStartingWith(
        "Model gone is ACTIVE and cannot be used here: There is no file file:/").hasMessageContaining("put it back, or publish it again");
    follower.close();
    assertThatThrownBy(follower::awaitLoaded).isInstanceOf(ModelException.class).hasMessageContaining("stopping");

    enter("gone", RolloutState.RETIRED);
    enter("never-published", RolloutState.DRAINING);
    follow();
    assertThatThrownBy(follower::awaitLoaded).hasMessage("Model never-published is DRAINING and cannot be used here: no such version is "
        + "published. Publish its bundle again.");
  }

  @Test
  void shouldWaitForTheEndOfARolloutThatFailsHere() throws Exception {
    publish(configured);
    enter(configured.version(), RolloutState.ACTIVE);
    Bundle gone = bundle("gone", 1);
    publish(gone);
    Files.delete(gone.root().resolve(Bundle.MANIFEST));
    enter("gone", RolloutState.BACKFILLING);
    follow();
    CompletableFuture<Void> loaded = awaitLoadedAside();
    assertThat(reports(2)).filteredOn(report -> report.getKind() == ReportKind.FAILED).extracting(RolloutReport::getModelVersion)
        .containsExactly("gone");
    assertThat(loaded).isNotDone();
    enter("gone", RolloutState.FAILED);
    loaded.join();
    assertThat(follower.live().orElseThrow().folding()).hasSize(1);
  }

  @Test
  void shouldLoadLiveVersionsAgainAfterARestart() throws Exception {
    Bundle first = bundle("v1", 1);
    Bundle second = bundle("v2", 2);
    publish(first);
    publish(second);
    publish(configured, "file:///elsewhere/" + configured.version());
    enter("v1", RolloutState.WARMING);
    enter("v1", RolloutState.ACTIVE);
    enter("v2", RolloutState.BACKFILLING);
    enter("v0", RolloutState.RETIRED);
    enter(configured.version(), RolloutState.DRAINING);
    follow();
    follower.awaitLoaded();
    Map<String, float[]> before = embeddings();
    assertThat(before).containsOnlyKeys("v1", "v2", configured.version());
    String id = InstanceId.of(config);
    reports(3);
    follower.close();
    assertThat(follower.current()).isEmpty();

    Files.move(dir.resolve("store"), dir.resolve("store-that-is-away"));
    configured = Bundle.read(dir.resolve("store-that-is-away").resolve(configured.version()));
    follow();
    follower.awaitLoaded();
    assertThat(embeddings()).usingRecursiveComparison().isEqualTo(before);
    assertThat(InstanceId.of(config)).isEqualTo(id);
    assertThat(follower.current().get("v1").state()).isEqualTo(RolloutState.ACTIVE);
    assertThat(follower.current().get("v0").model()).isEmpty();
  }

  private Map<String, float[]> embeddings() {
    Map<String, float[]> embeddings = new HashMap<>();
    follower.current().forEach((version, followed) -> followed.model().ifPresent(model -> embeddings.put(version, fold(model))));
    return embeddings;
  }

  @Test
  void shouldGoOnAfterTheBrokerWasAway() throws Exception {
    publish(bundle("v1", 1));
    enter("v1", RolloutState.ACTIVE);
    follow();
    follower.awaitLoaded();
    reports(1);
    broker.close();
    assertThat(fold(follower.current().get("v1").model().orElseThrow())).hasSize(DIMENSION);
    broker = KafkaBroker.start(dir.resolve("kafka"), 0);
    publish(bundle("v2", 2));
    enter("v2", RolloutState.WARMING);
    assertReport(lastOf(2), "v2", ReportKind.READY);
  }

  @Test
  void shouldWaitForABrokerAndEndPromptlyWithoutOne() throws Exception {
    publish(bundle("v1", 1));
    enter("v1", RolloutState.ACTIVE);
    broker.close();
    follow();
    CompletableFuture<Void> loaded = awaitLoadedAside();
    broker = KafkaBroker.start(dir.resolve("kafka"), 0);
    loaded.join();
    follower.close();

    broker.close();
    follow();
    CompletableFuture<Void> never = awaitLoadedAside();
    follower.close();
    assertThatThrownBy(never::join).isInstanceOf(CompletionException.class).hasCauseInstanceOf(ModelException.class)
        .hasMessageContaining("stopping");
    broker = KafkaBroker.start(dir.resolve("kafka"), 0);
  }

  private CompletableFuture<Void> awaitLoadedAside() {
    RolloutFollower waiting = follower;
    return CompletableFuture.runAsync(() -> {
      try {
        waiting.awaitLoaded();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void shouldGiveUpLoadingWhatIsNoLongerWanted() throws Exception {
    Bundle superseded = bundle("superseded", 1);
    publish(superseded, "http://127.0.0.1:1/superseded"); // nobody is there, and a store that is away is waited for
    config = config.with(Map.of(ConfigKeys.HTTP_HOSTS, "127.0.0.1", ConfigKeys.HTTP_PRIVATE_NETWORKS, "127.0.0.0/8"));
    publish(bundle("newer", 2));
    publish(configured, "file:///elsewhere/" + configured.version());
    enter(configured.version(), RolloutState.ACTIVE);
    follow();
    follower.awaitLoaded();
    enter("superseded", RolloutState.WARMING);
    enter("newer", RolloutState.WARMING);
    enter("superseded", RolloutState.FAILED);
    assertReport(lastOf(2), "newer", ReportKind.READY);
    assertThat(follower.current().get("superseded").state()).isEqualTo(RolloutState.FAILED);
  }
}
