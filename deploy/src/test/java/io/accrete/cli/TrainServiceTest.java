package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.ConfigKeys;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The closed loop: photos stream in, the app samples sets, the trainer learns from them and publishes a model by itself. */
class TrainServiceTest {
  private static final int OBJECTS = 24;
  private static final int PHOTOS = 4;

  @TempDir private Path dir;

  @Test
  @Timeout(300)
  void shouldPublishWhatItLearnedFromTheStream() throws Exception {
    Bundle weak = UntrainedBundle.write(dir.resolve("weak"));
    Path recipe = Files.writeString(dir.resolve("recipe.yaml"), """
        name: learned
        aggregator: {kind: consensus}
        stages:
          - objective: mile-contrastive
            batch: 8
            images: 2
            views: 1
            loop: {steps: 10}
        """);
    try (RealCluster cluster = new RealCluster(dir, Map.of(ConfigKeys.TRAINER_ROUND_OBJECTS, String.valueOf(OBJECTS),
        ConfigKeys.TRAINER_ROUND_PHOTOS, String.valueOf(OBJECTS * PHOTOS),
        ConfigKeys.MODELS_URI, dir.resolve("store").toUri().toString()))) {
      execute(cluster, "topics", "create", "-c", ConfigKeys.BUNDLE + "=" + weak.root());
      RealCluster.Server server = cluster.serve("app", weak.root());
      Path photos = dir.resolve("photos");
      new Catalogue(1, OBJECTS).writeTo(photos, PHOTOS);
      execute(cluster, "ingest", photos.toString());
      cluster.awaitCommitted(OBJECTS * PHOTOS, server);

      assertThat(server.get("/v1/training").body()).isEqualTo("{\"runs\":[]}");
      String said = execute(cluster, "train", "--recipe", recipe.toString(), "--rounds", "1", "--run", dir.resolve("trainer").toString());

      Path published = dir.resolve("trainer/rounds/published");
      Bundle bundle = Bundle.read(published);
      assertThat(bundle.version()).startsWith("learned-");
      assertThat(bundle.encoderSha256()).as("of the ACTIVE version, not of the configured bundle").isEqualTo(weak.encoderSha256());
      assertThat(bundle.manifest().lineage()).containsEntry("parent", weak.version()).containsEntry("objective", "mile-contrastive");
      assertThat(bundle.manifest().metrics()).containsKey("aggregated.ar10");
      assertThat(dir.resolve("trainer/rounds/1/report.html")).content().contains("AR@10");
      shouldShowTheRun(cluster, server, Files.readString(dir.resolve("trainer/rounds/1/name")));
      assertThat(execute(cluster, "models", "publish", published.toString())).as(said).contains("is published already");
    }
  }

  private static void shouldShowTheRun(RealCluster cluster, RealCluster.Server server, String name) throws Exception {
    cluster.await("the run's end", server.process, () -> server.get("/v1/training").body().contains("Published learned-"));
    JsonNode runs = new ObjectMapper().readTree(server.get("/v1/training").body()).get("runs");
    assertThat(runs).hasSize(1);
    JsonNode run = runs.get(0);
    assertThat(run.get("run").asText()).isEqualTo(name).startsWith("learned-");
    assertThat(run.get("stage").asText()).isEqualTo("mile-contrastive");
    assertThat(run.get("step").asLong()).isEqualTo(10);
    assertThat(run.get("steps").asLong()).isEqualTo(10);
    JsonNode last = run.get("points").get(run.get("points").size() - 1);
    assertThat(last.get("step").asLong()).isEqualTo(10);
    assertThat(last.get("values").get("loss").asDouble()).isFinite();
    assertThat(last.get("values").has("learning rate")).isTrue();
    assertThat(run.get("events").findValuesAsText("text")).anyMatch(text -> text.startsWith("Round 1: "));
  }

  private String execute(RealCluster cluster, String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    cluster.settings().forEach((key, value) -> arguments.addAll(List.of("-c", key + "=" + value)));
    arguments.addAll(List.of("-c", ConfigKeys.STATE_DIR + "=" + dir.resolve("state")));
    StringWriter out = new StringWriter();
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    assertThat(line.execute(arguments.toArray(String[]::new))).as(out.toString()).isZero();
    return out.toString();
  }
}
