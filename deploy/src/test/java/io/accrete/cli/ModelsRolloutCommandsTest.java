package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutState;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.streams.rollout.Coordinator;
import io.accrete.streams.rollout.Rollouts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(240)
class ModelsRolloutCommandsTest {
  private static final Map<String, String> MANUAL = Map.of("rollout.activation", "manual");

  @TempDir private static Path shared;
  private static LocalCluster cluster;

  @TempDir private Path dir;
  private Path file;

  @BeforeAll
  static void start() {
    cluster = LocalCluster.open(shared.resolve("data"), AccreteConfig.of(Map.of()), Ports.ANY);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void shouldSayWhatIsMissing() throws Exception {
    try (Rollouts rollouts = new Rollouts(cluster.config(), "missing", MANUAL)) {
      file = rollouts.configFile(dir);
      assertThat(run(0, "list")).isEqualTo("No model version is published. 'accrete models publish BUNDLE' publishes one.");
      assertThat(run(1, "status"))
          .isEqualTo("accrete: No version is being rolled out, and none is active. 'accrete models list' shows what there is.");
      assertThat(run(1, "activate", "v1")).isEqualTo("accrete: v1 is not published. 'accrete models list' shows what there is.");
      rollouts.publish("v1");
      assertThat(run(0, "list")).contains("v1       PUBLISHED", " - ", "mean.ar10 0.500");
      assertThat(run(1, "status", "v1")).startsWith("accrete: v1 is published, and no coordinator has taken it up yet");
      assertThat(run(1, "activate", "v1")).isEqualTo("accrete: Nobody coordinates the rollouts of 'missing': no instance of the app is "
          + "running, or none has taken charge yet. Nothing was asked for. Start 'accrete serve' and try again.");
      assertThat(run(1, "list", "-c", "topic.rollout.commands=none")).startsWith("accrete: There is no topic 'none' at ");
    }
  }

  @Test
  void shouldRollOutPauseRollBackAndRetire() throws Exception {
    try (Rollouts rollouts = new Rollouts(cluster.config(), "steered", MANUAL);
        Coordinator coordinator = Coordinator.start(rollouts.config(), "v1")) {
      file = rollouts.configFile(dir);
      rollouts.publish("v1");
      rollouts.publish("v2");
      rollouts.await("v1", RolloutState.ACTIVE);
      rollouts.await("v2", RolloutState.PUBLISHED);
      assertThat(run(0, "activate", "v2"))
          .isEqualToNormalizingNewlines("v2 is WARMING: activated by command\n'accrete models status v2 --watch' follows it.");
      assertThat(run(1, "activate", "v2")).isEqualTo("accrete: v2 is WARMING: it is being rolled out already.");
      assertThat(run(1, "rollback")).isEqualTo("accrete: No version is DRAINING, so there is none to go back to."
          + " 'accrete models list' shows what there is.");
      rollouts.ready("v2", "one");
      rollouts.await("v2", RolloutState.BACKFILLING);
      rollouts.coverage("v2", 0, 1000, 250, List.of("mug", "cup"), false);
      rollouts.await("the coverage", view -> view.event("v2").orElseThrow().getCoverage() > 0);

      assertThat(run(0, "pause")).isEqualTo("v2 is BACKFILLING, paused: ready on 1 instance");
      assertThat(run(1, "pause")).isEqualTo("accrete: The sweep of v2 is paused already.");
      assertThat(run(0, "list")).contains("v1       ACTIVE", "v2       BACKFILLING, paused    12.5 %");
      assertThat(run(0, "resume")).isEqualTo("v2 is BACKFILLING: ready on 1 instance");
      assertThat(run(0, "status").lines()).satisfiesExactly(
          line -> assertThat(line).startsWith("v2 is BACKFILLING since "),
          line -> assertThat(line).isEqualTo("  reason         ready on 1 instance"),
          line -> assertThat(line).startsWith("  coverage       [==").contains(" 12.5 %  250 of 1,000 objects, 2 unreadable, ")
              .endsWith(" left"),
          line -> assertThat(line).startsWith("  partition 0    [=====     ").contains(" 25.0 %  250 of 1,000 objects").endsWith(" left"),
          line -> assertThat(line).isEqualTo("  partition 1    nothing reported yet"),
          line -> assertThat(line).isEqualTo("  ready          one"),
          line -> assertThat(line).isEqualTo("  unreadable     mug, cup"));

      CompletableFuture<String> watched = CompletableFuture.supplyAsync(() -> run(0, "status", "v2", "--watch"));
      rollouts.coverage("v2", 0, 1000, 1000, List.of(), true);
      rollouts.coverage("v2", 1, 0, 0, List.of(), true);
      assertThat(watched.get()).startsWith("v2 is ACTIVE since ").contains("100.0 %", "0 of 0 objects, complete");

      assertThat(run(1, "retire", "v2")).isEqualTo("accrete: v2 is ACTIVE: it can be retired when another version has taken its place.");
      assertThat(run(0, "rollback")).isEqualTo("v1 is ACTIVE: rolled back by command");
      assertThat(run(0, "retire", "v2")).isEqualTo("v2 is RETIRED: retired by command");
      assertThat(run(1, "activate", "v2")).startsWith("accrete: What is left of v2 since it was RETIRED is still being removed.");
      assertThat(run(1, "status", "v2", "--watch")).startsWith("v2 is RETIRED since ");
    }
  }

  @Test
  void shouldMakeNoTopicForAVersionThatIsOver() throws Exception {
    try (Rollouts rollouts = new Rollouts(cluster.config(), "over", MANUAL);
        Coordinator coordinator = Coordinator.start(rollouts.config(), "v1")) {
      file = rollouts.configFile(dir);
      rollouts.publish("v1");
      rollouts.publish("v2");
      rollouts.await("v1", RolloutState.ACTIVE);
      rollouts.await("v2", RolloutState.PUBLISHED);
      assertThat(run(0, "retire", "v2")).startsWith("v2 is RETIRED");
      new FoldRun(rollouts.config(), "v2").close();
      Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 1, "v2", Map.of(), Map.of());
      StringWriter said = new StringWriter();
      assertThat(Accrete.commandLine().setOut(new PrintWriter(said, true)).execute("topics", "create", "--config", file.toString(),
          "-c", "bundle=" + bundle.root())).isZero();
      assertThat(said.toString()).contains("over-model-rollouts").doesNotContain("over-object-embeddings.v2");
      assertThat(rollouts.hasTopic("v1")).isTrue();
      assertThat(rollouts.hasTopic("v2")).isFalse();
    }
  }

  private String run(int status, String... arguments) {
    StringWriter said = new StringWriter();
    PrintWriter writer = new PrintWriter(said, true);
    CommandLine line = Accrete.commandLine().setOut(writer).setErr(writer)
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    String[] all = Stream.of(Stream.of("models", arguments[0]), Stream.of(arguments).skip(1), Stream.of("--config", file.toString()))
        .flatMap(part -> part).toArray(String[]::new);
    assertThat(line.execute(all)).as("%s", said).isEqualTo(status);
    return said.toString().strip();
  }
}
