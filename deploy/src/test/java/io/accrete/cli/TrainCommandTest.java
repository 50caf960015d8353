package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.trainer.data.Split;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code accrete train --photos}, as people run it, interrupt it, and get it wrong. */
class TrainCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OBJECTS = 20;
  private static final String RECIPE = """
      name: small
      photo-side: 48
      encoder: {image-size: 32, patch: 8, dimension: 32, depth: 1, heads: 2}
      aggregator: {kind: consensus}
      stages:
        - objective: distill
          batch: 8
          loop: {steps: 40, checkpoint-minutes: 0.0001}
        - objective: mile-contrastive
          batch: 8
          images: 2
          loop: {steps: 60, checkpoint-minutes: 0.0001}
      """;

  @TempDir private static Path shared;
  private static Path photos;

  @TempDir private Path dir;
  private String said;

  @BeforeAll
  static void render() throws IOException {
    photos = shared.resolve("photos");
    new Catalogue(1, OBJECTS).writeTo(photos, 4);
  }

  @Test
  void shouldTrainToAScoredBundle() throws IOException {
    assertThat(train("run", RECIPE)).as(said).isZero();

    Bundle bundle = Bundle.read(dir.resolve("run/bundle"));
    assertThat(bundle.version()).startsWith("small-");
    long heldBack;
    try (Stream<Path> objects = Files.list(photos)) {
      heldBack = objects.filter(object -> Split.heldBack(object.getFileName().toString(), 0.33)).count();
    }
    assertThat(bundle.manifest().lineage()).containsEntry("objects", String.valueOf(OBJECTS - heldBack))
        .containsEntry("objective", "distill, mile-contrastive");
    assertThat(bundle.manifest().metrics()).containsEntry("objects", (double) heldBack);
    assertThat(said).contains(bundle.version()).contains("is untrained");
    assertThat(dir.resolve("run/report.html")).content().contains("AR@10");
    assertThat(losses("run")).hasSize(100);

    assertThat(train("run", RECIPE)).as(said).isZero(); // done: nothing is trained again
    assertThat(Bundle.read(dir.resolve("run/bundle")).version()).isEqualTo(bundle.version());
    assertThat(losses("run")).hasSize(100);
  }

  @Test
  @Timeout(240)
  void shouldGoOnToTheSameLossesAfterAKill() throws Exception {
    assertThat(train("whole", RECIPE)).as(said).isZero();
    for (int steps : new int[] {7, 61}) { // within each of the stages
      Process process = ChildJvm.of(Accrete.class, 512, dir.resolve("out"), arguments("killed", photos)).start();
      boolean ended = false;
      while (!ended && losses("killed").size() < steps) {
        ended = process.waitFor(10, TimeUnit.MILLISECONDS);
      }
      process.destroyForcibly().waitFor();
      assertThat(losses("killed").size()).as(Files.readString(dir.resolve("out"))).isBetween(steps, 99);
    }
    assertThat(train("killed", RECIPE)).as(said).isZero();

    assertThat(losses("killed")).isEqualTo(losses("whole")); // to the last bit
    assertThat(Bundle.read(dir.resolve("killed/bundle")).version()).isEqualTo(Bundle.read(dir.resolve("whole/bundle")).version());
  }

  @Test
  void shouldSayWhatIsWrongWithARecipe() throws IOException {
    assertThat(train("run", RECIPE.replace("batch: 8", "bach: 8"))).isEqualTo(1);
    assertThat(said).contains("unknown key 'stages[0].bach'").contains("batch").doesNotContain("\tat ");
    assertThat(train("run", "stages: [")).isEqualTo(1);
    assertThat(said).contains("is no YAML").doesNotContain("\tat ");
    assertThat(train("run", RECIPE.replace("{kind: consensus}", "{kind: median}"))).isEqualTo(1);
    assertThat(said).contains("aggregator.kind").doesNotContain("\tat ");
    assertThat(execute("train", "--photos", photos.toString(), "--recipe", dir.resolve("none.yaml").toString())).isEqualTo(1);
    assertThat(said).contains("No recipe at");
  }

  @Test
  void shouldRefuseTheFolderOfAnotherRunAndWorkWithoutATeacher() throws IOException {
    Files.writeString(Files.createDirectories(dir.resolve("run")).resolve("recipe.yaml"), "name: other\n");
    assertThat(train("run", RECIPE)).isEqualTo(1);
    assertThat(said).contains("holds a run of another recipe").contains("a folder of its own");

    Path recipe = Files.writeString(dir.resolve("recipe.yaml"), RECIPE);
    assertThat(execute("train", "--photos", photos.toString(), "--recipe", recipe.toString(), "--run", dir.resolve("new").toString(),
        "-c", "state.dir=" + dir.resolve("state"), "--serving", "untrained")).isEqualTo(1);
    assertThat(said).contains("needs a teacher");
  }

  @Test
  void shouldPassOverBadPhotosAndSayWhenTooLittleIsLeft() throws IOException {
    Path few = dir.resolve("few");
    try (Stream<Path> objects = Files.list(photos)) {
      for (Path object : objects.sorted().limit(6).toList()) {
        Path copy = Files.createDirectories(few.resolve(object.getFileName()));
        try (Stream<Path> files = Files.list(object)) {
          for (Path file : files.sorted().limit(2).toList()) {
            Files.copy(file, copy.resolve(file.getFileName()));
          }
        }
        Files.write(copy.resolve("empty.jpg"), new byte[0]);
        Files.write(copy.resolve("torn.jpg"), new byte[] {(byte) 0xff, (byte) 0xd8, 1, 2, 3});
      }
    }
    assertThat(train("run", RECIPE, few)).as(said).isZero();
    assertThat(said).contains("Too few held-back objects");
    assertThat(Bundle.read(dir.resolve("run/bundle")).manifest().lineage()).containsKey("photos");
  }

  private int train(String run, String recipe) throws IOException {
    return train(run, recipe, photos);
  }

  private int train(String run, String recipe, Path of) throws IOException {
    Files.writeString(dir.resolve("recipe.yaml"), recipe);
    return execute(arguments(run, of).toArray(String[]::new));
  }

  private List<String> arguments(String run, Path of) {
    return List.of("train", "--photos", of.toString(), "--recipe", dir.resolve("recipe.yaml").toString(), "--run",
        dir.resolve(run).toString(), "--teacher", teacher().toString(), "--serving", "untrained", "-c",
        "state.dir=" + dir.resolve("state"));
  }

  /** The weak model that comes along is teacher enough to learn something. */
  private Path teacher() {
    Path bundle = dir.resolve("teacher");
    if (!Files.exists(bundle)) {
      UntrainedBundle.write(bundle);
    }
    return bundle;
  }

  private int execute(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    int code = line.execute(arguments);
    said = out.toString();
    return code;
  }

  private SortedMap<Long, String> losses(String run) throws IOException {
    SortedMap<Long, String> losses = new TreeMap<>();
    Path log = dir.resolve(run).resolve("log.jsonl");
    if (Files.exists(log)) {
      for (String line : Files.readString(log).split("\n")) {
        if (line.endsWith("}") && line.contains("\"loss\"")) {
          JsonNode step = JSON.readTree(line);
          losses.put(step.get("step").asLong(), step.get("loss").asText());
        }
      }
    }
    return losses;
  }
}
