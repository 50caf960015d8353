package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import io.accrete.image.PhotoFolder;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.subscriber.SubscriberCluster;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes for other languages do what they say, with a real instance. */
@Timeout(180)
class RecipesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path dir;
  private static LocalCluster cluster;
  private static Instance app;

  private final HttpClient http = HttpClient.newHttpClient();
  private List<String> program;

  @BeforeAll
  static void serve() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 1);
    cluster = LocalCluster.open(dir.resolve("data"), Runs.config(bundle, Map.of()), Ports.ANY);
    app = cluster.serve(bundle);
    app.awaitRunning(Duration.ofSeconds(90));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"python3", "node"})
  void shouldFollowSearchAndAdd(String interpreter) throws Exception {
    boolean node = interpreter.equals("node");
    assumeTrue(node ? runs("node", "-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)")
        : runs("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 9))"), interpreter + " is not installed, or too old");
    String recipe = node ? "javascript/accrete.mjs" : "python/accrete.py";
    program = List.of(interpreter, Path.of("recipes", recipe).toAbsolutePath().toString());
    String prefix = interpreter + "/ä b "; // an id that has to be encoded
    List<Path> photos;
    try (PhotoFolder folder = Runs.photos(dir.resolve(interpreter + "-photos"), 4, 1);
        Stream<Path> files = Files.walk(dir.resolve(interpreter + "-photos"))) {
      assertThat(folder.photos()).hasSize(4);
      photos = files.filter(Files::isRegularFile).sorted().toList();
    }
    Path file = dir.resolve(interpreter + ".json");
    Path output = dir.resolve(interpreter + ".txt");

    Process follower = start(output, "follow", file.toString());
    try {
      SubscriberCluster.await(() -> read(output).contains("caught-up"));
      for (int i = 0; i < 3; i++) {
        assertThat(run("add", prefix + i, photos.get(i).toString())).startsWith("folded " + prefix + i);
      }
      SubscriberCluster.await(() -> Stream.of(0, 1, 2).allMatch(i -> read(output).contains("embedding " + prefix + i + " 1")));
      delete(prefix + 1);
      SubscriberCluster.await(() -> read(output).contains("gone " + prefix + 1));
    } finally {
      interrupt(follower);
    }
    run("add", prefix + 3, photos.get(3).toString()); // while nobody follows
    assertThat(run("add", prefix + 0, photos.get(1).toString())).startsWith("replaced "); // another photo under the same name
    Process again = start(output, "follow", file.toString());
    try {
      SubscriberCluster.await(() -> read(output).contains("caught-up"));
    } finally {
      interrupt(again);
    }
    assertThat(read(output).lines()).containsExactlyInAnyOrder(
        "space " + app(), "embedding " + prefix + "3 1", "embedding " + prefix + "0 1", "caught-up");

    List<String> nearest = run("nearest", file.toString(), prefix + 0).lines().toList();
    assertThat(nearest).anyMatch(line -> line.endsWith(prefix + 2)).anyMatch(line -> line.endsWith(prefix + 3))
        .noneMatch(line -> line.endsWith(prefix + 0) || line.endsWith(prefix + 1));
    for (String line : nearest) {
      String other = line.substring(line.indexOf("  ") + 2);
      assertThat(line).startsWith(String.format("%.4f", product(embedding(prefix + 0), embedding(other))));
    }
    assertThat(run("search", photos.get(2).toString())).startsWith("1.0000  ").contains(prefix + 2).doesNotContain(prefix + 1);
    assertThat(execute(List.of(program.get(0), program.get(1), "nearest", file.toString(), "nobody"))).startsWith("1: Failed: ");
  }

  private String app() throws Exception {
    return get("/v1/models").path("serving").asText();
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> response = http.send(HttpRequest.newBuilder(app.url().resolve(path)).build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static URI object(String id) {
    return app.url().resolve("/v1/objects/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20"));
  }

  private void delete(String id) throws Exception {
    HttpResponse<String> response =
        http.send(HttpRequest.newBuilder(URI.create(object(id) + "?wait=30")).DELETE().build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  private List<Double> embedding(String id) throws Exception {
    List<Double> vector = new ArrayList<>();
    get(object(id).getRawPath()).path("embedding").forEach(value -> vector.add(value.asDouble()));
    return vector;
  }

  private static double product(List<Double> one, List<Double> other) {
    double sum = 0;
    for (int i = 0; i < one.size(); i++) {
      sum += one.get(i) * other.get(i);
    }
    return sum;
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private Process start(Path output, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(arguments));
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    process.environment().put("ACCRETE_URL", app.url().toString());
    process.environment().put("PYTHONIOENCODING", "utf-8");
    return process.start();
  }

  /** What it prints; it must succeed. */
  private String run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(arguments));
    String result = execute(command);
    assertThat(result).startsWith("0: ");
    return result.substring(3);
  }

  /** Its status and what it prints. */
  private String execute(List<String> command) throws Exception {
    Path output = Files.createTempFile(dir, "run", ".txt");
    Process process = start(output, command.subList(2, command.size()).toArray(String[]::new));
    return process.waitFor() + ": " + read(output);
  }

  private static String read(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As Ctrl-C does. */
  private static void interrupt(Process process) throws Exception {
    assertThat(runs("kill", "-INT", Long.toString(process.pid()))).isTrue();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("It does not end");
    }
  }
}
