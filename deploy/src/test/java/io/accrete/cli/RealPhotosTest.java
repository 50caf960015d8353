package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Real photos through a real encoder, by the commands a user would type. Needs photos and a model kept beside the repository. */
class RealPhotosTest {
  private static final int PHOTOS = 488; // eight of each of the 61 products: two sides of four

  @TempDir private Path dir;

  @Test
  @Timeout(300)
  void shouldTellGroceriesApart() throws Exception {
    Path photos = shared("data/grocery/test");
    Path bundle = dir.resolve("bundle");
    execute("models", "import", "--from", shared("models/mobilenetv2-imagenet.onnx").toString(), "--out", bundle.toString(),
        "--aggregator", "mean");
    Path report = dir.resolve("report.json");
    execute("demo", "--photos", photos.toString(), "--bundle", bundle.toString(), "--limit", String.valueOf(PHOTOS),
        "--data", dir.resolve("data").toString(), "--report", report.toString());

    JsonNode numbers = new ObjectMapper().readTree(Files.readString(report));
    assertThat(numbers.get("images").asInt()).isEqualTo(PHOTOS);
    assertThat(numbers.get("embeddings").asInt()).isEqualTo(PHOTOS);
    assertThat(numbers.get("objects").asInt()).isEqualTo(61);
    assertThat(numbers.get("deadLettered").asInt()).isZero();
    JsonNode retrieval = numbers.get("retrieval");
    assertThat(retrieval.at("/aggregated/ar10").asDouble()).isCloseTo(retrieval.at("/mean/ar10").asDouble(), within(1e-6));
    assertThat(retrieval.at("/mean/ar10").asDouble()).isGreaterThan(retrieval.at("/single/ar10").asDouble()).isGreaterThan(0.9);
  }

  private static void execute(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    assertThat(line.execute(arguments)).as(out.toString()).isZero();
  }

  static Path shared(String name) {
    Path path = Path.of("../../shared").resolve(name);
    if ("true".equals(System.getenv("CI"))) {
      assertThat(path).exists();
    }
    assumeTrue(Files.exists(path), () -> "skipped: needs " + path.toAbsolutePath().normalize());
    return path;
  }
}
