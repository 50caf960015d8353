package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.Sha256;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.ModelVersion;
import io.accrete.events.Operation;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.streams.rollout.RolloutReader;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models that cannot be used, activated while another one serves: they fail with a reason, and that one does not notice. */
@Timeout(240)
class FailedModelsTest {
  private static final String OBJECT = "mug";

  @TempDir private static Path shared;
  private static Bundle serving;
  private static LocalCluster cluster;
  private static Instance app;
  private static RolloutReader rollouts;
  private static int images;

  @TempDir private Path dir;

  @BeforeAll
  static void start() throws Exception {
    serving = Runs.tinyBundle(shared.resolve("serving"), 1);
    cluster = LocalCluster.open(shared.resolve("data"), Runs.config(serving, Map.of(ConfigKeys.ROLLOUT_ACTIVATION, "manual")), Ports.ANY);
    app = cluster.serve(serving);
    app.awaitRunning(Duration.ofSeconds(90));
    rollouts = new RolloutReader(cluster.config());
  }

  @AfterAll
  static void stop() {
    rollouts.close();
    cluster.close();
  }

  @Test
  void shouldFailAModelThatWasChangedAfterItsPublication() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir, 2);
    command("publish", dir.toString());
    Path encoder = stored(bundle).resolve(Bundle.ENCODER);
    byte[] bytes = Files.readAllBytes(encoder);
    bytes[bytes.length / 2] ^= 1;
    Files.write(encoder, bytes);
    assertFails(bundle.version(), encoder.toUri().getPath(), "is not the file that was published", bundle.encoderSha256(),
        "Put back what was published");
  }

  @Test
  void shouldFailAModelThatVanished() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir, 3);
    command("publish", dir.toString());
    Files.delete(stored(bundle).resolve(Bundle.AGGREGATOR));
    assertFails(bundle.version(), "There is no file", bundle.version() + "/" + Bundle.AGGREGATOR, "put it back, or publish it again");
  }

  @Test
  void shouldFailAModelThatTakesAnotherInputThanItSays() throws Exception {
    Bundle bundle = Runs.tinyBundle(store().resolve("larger"), 4);
    int larger = 2 * Runs.SIDE;
    Path preprocessing = bundle.root().resolve(Bundle.PREPROCESSING);
    Files.writeString(preprocessing, Files.readString(preprocessing).replaceAll("\\b" + Runs.SIDE + "\\b", Integer.toString(larger)));
    publish(bundle, larger, manifest -> {
      ((ObjectNode) manifest.get("shapes")).put("imageSize", larger);
      ((ObjectNode) manifest.get("files").get(Bundle.PREPROCESSING)).put("sha256", Sha256.of(preprocessing));
    });
    assertFails(bundle.version(), bundle.encoder().toUri().getPath() + " does not have the signature of a bundle",
        "pixel_values", Integer.toString(larger), Integer.toString(Runs.SIDE));
  }

  @Test
  void shouldFailAModelThatDoesNotComputeItsGoldenOutputs() throws Exception {
    Bundle bundle = Runs.tinyBundle(store().resolve("wrong"), 5);
    String name = "golden/encoder/output_0.pb";
    Path golden = bundle.root().resolve(name);
    byte[] bytes = Files.readAllBytes(golden);
    bytes[bytes.length - 10] ^= 0x7f;
    Files.write(golden, bytes);
    publish(bundle, Runs.SIDE, manifest -> ((ObjectNode) manifest.get("files").get(name)).put("sha256", Sha256.of(golden)));
    assertFails(bundle.version(), "does not compute its golden outputs", "largest error", "Write the bundle again");
  }

  /** Publishes a bundle with another manifest, past the checks of {@code models publish}, as somebody else's tool may. */
  private static void publish(Bundle bundle, int imageSize, Consumer<ObjectNode> change) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    Path file = bundle.root().resolve(Bundle.MANIFEST);
    ObjectNode manifest = (ObjectNode) mapper.readTree(file.toFile());
    change.accept(manifest);
    mapper.writeValue(file.toFile(), manifest);
    ModelVersion model = ModelVersion.newBuilder(Runs.record(bundle, bundle.root().toUri().toString())).setImageSize(imageSize)
        .setManifestSha256(Sha256.of(file)).build();
    Runs.send(cluster.config(), new Topics(cluster.config()).modelVersions(), bundle.version(), model);
    await(bundle.version(), RolloutState.PUBLISHED);
  }

  private void assertFails(String version, String... reason) throws Exception {
    command("activate", version);
    RolloutEvent event = await(version, RolloutState.FAILED);
    assertThat(event.getReason()).contains("instance-").contains(reason).isPrintable();
    assertThat(command("status", version)).contains("FAILED");

    fold();
    String ready = get("/health/ready");
    assertThat(ready).contains(serving.version()).doesNotContain(version);
    Path fetched = cluster.config().stateDirectory().resolve("fetched-models").resolve(version);
    while (Files.exists(fetched)) { // removed on the thread that loads; the time limit ends this
      Thread.onSpinWait();
    }
    try (Admin admin = Admin.create(cluster.config().kafkaClient())) {
      assertThat(admin.listTopics().names().get()).doesNotContain(new Topics(cluster.config()).embeddings(version));
    }
  }

  private static RolloutEvent await(String version, RolloutState state) {
    while (true) {
      Optional<RolloutEvent> event = rollouts.poll(Duration.ofMillis(100)).event(version);
      if (event.isPresent() && event.get().getState() == state) {
        return event.get();
      }
    }
  }

  /** One more photo is folded, published and served by the model that was there before. */
  private static void fold() throws Exception {
    images++;
    ByteBuffer content = new RandomEvents(images).image();
    Runs.send(cluster.config(), new Topics(cluster.config()).imageEvents(), OBJECT,
        new ImageEvent("image " + images, Operation.ADD, content, null, null, Map.of()));
    try (FoldRun run = new FoldRun(cluster.config(), serving.version())) {
      run.run(List.of(), app);
      assertThat(run.objects().get(OBJECT).getImageCount()).isEqualTo(images);
    }
    assertThat(get("/v1/objects/" + OBJECT)).contains("\"modelVersion\":\"" + serving.version() + "\"", "\"imageCount\":" + images);
  }

  private static String get(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(app.url().resolve(path)).build(), BodyHandlers.ofString()).body();
  }

  private static Path stored(Bundle bundle) {
    return store().resolve(bundle.version());
  }

  private static Path store() {
    return cluster.config().stateDirectory().resolve("models");
  }

  private static String command(String... arguments) {
    List<String> line = new ArrayList<>(List.of("models"));
    line.addAll(List.of(arguments));
    return Runs.execute(cluster, line);
  }
}
