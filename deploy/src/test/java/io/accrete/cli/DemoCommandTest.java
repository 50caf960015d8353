package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.local.LocalCluster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoCommandTest {
  private static final int PRODUCTS = 4;
  private static final int PHOTOS_PER_PRODUCT = 4;

  @TempDir private Path dir;

  @Test
  @Timeout(180)
  void shouldReportAndContinueWithTheSameData() throws Exception {
    Path photos = Runs.photos(dir.resolve("photos"), PRODUCTS, PHOTOS_PER_PRODUCT).directory();

    JsonNode first = demo("untrained", photos, 8);
    assertThat(first.get("images").asInt()).isEqualTo(8);
    assertThat(first.get("embeddings").asInt()).isEqualTo(8);

    JsonNode second = demo("untrained", photos, 1000);
    assertThat(second.get("images").asInt()).isEqualTo(PRODUCTS * PHOTOS_PER_PRODUCT);
    assertThat(second.get("objects").asInt()).isEqualTo(PRODUCTS);
    assertThat(second.get("embeddings").asInt()).isEqualTo(PRODUCTS * PHOTOS_PER_PRODUCT - 8);
    assertThat(second.get("duplicates").asInt()).isZero(); // the journal knows what was sent
    assertThat(second.get("deadLettered").asInt()).isZero();
    assertThat(second.get("elapsedSeconds").asDouble()).isPositive();
    assertThat(second.get("imagesPerSecond").asDouble()).isPositive();
    JsonNode retrieval = second.get("retrieval");
    for (String way : new String[] {"single", "maximum", "mean", "aggregated"}) {
      assertThat(retrieval.get(way).get("ar10").asDouble()).as(way).isBetween(0.0, 1.0);
      assertThat(retrieval.get(way).get("r1").asDouble()).as(way).isBetween(0.0, 1.0);
    }
    assertThat(retrieval.get("aggregated").get("ar10").asDouble()).isEqualTo(retrieval.get("mean").get("ar10").asDouble());
    assertThat(dir.resolve("data").resolve(LocalCluster.CONFIG_FILE)).exists();

    JsonNode third = demo(Runs.tinyBundle(dir.resolve("other"), 1).root().toString(), photos, 1000);
    assertThat(third.get("objects").asInt()).as("all are folded again under another model").isEqualTo(PRODUCTS);
    assertThat(third.get("embeddings").asInt()).as("by no event").isZero();
  }

  private JsonNode demo(String bundle, Path photos, int limit) throws Exception {
    Path report = dir.resolve("report.json");
    StringWriter out = new StringWriter();
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    int status = line.execute("demo", "--bundle", bundle, "--photos", photos.toString(), "--data",
        dir.resolve("data").toString(), "--limit", String.valueOf(limit), "--report", report.toString(), "-c", "topic.partitions=2");
    assertThat(status).as(out.toString()).isZero();
    assertThat(out.toString()).contains(bundle.equals("untrained") ? "untrained" : "model tiny-").doesNotContain("is not the one");
    return new ObjectMapper().readTree(Files.readString(report));
  }
}
