package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BenchPartsCommandTest {
  @TempDir private Path dir;

  @Test
  @Timeout(600)
  void shouldMeasureEachPartBesideTheEncoder() throws Exception {
    Path photos = dir.resolve("photos");
    Runs.photos(photos, 2, 1).close();
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 1);
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    int status = Accrete.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(errors, true)).execute("bench", "parts",
        "--photos", photos.toString(), "--rounds", "1", "--millis", "20", "-c", "bundle=" + bundle.root(), "--json");
    assertThat(status).as(errors.toString()).isZero();

    JsonNode result = new ObjectMapper().readTree(out.toString());
    double encoder = result.get("encoderMillis").asDouble();
    assertThat(encoder).isPositive();
    assertThat(result.get("batches")).extracting(batch -> batch.get("size").asInt()).containsExactly(1, 4, 16, 64);
    assertThat(result.get("batches")).allSatisfy(batch -> {
      assertThat(batch.get("encodeMillis").asDouble()).isGreaterThanOrEqualTo(encoder);
      assertThat(batch.get("foldMillis").asDouble()).isPositive();
    });
    assertThat(result.get("sizes")).extracting(size -> Math.round(size.get("megapixels").asDouble())).containsExactly(0L, 1L, 3L, 12L);
    assertThat(result.get("sizes")).allSatisfy(size -> {
      assertThat(size.get("decodeMillis").asDouble()).isPositive();
      assertThat(size.get("ratioToEncoder").asDouble() * encoder).isCloseTo(size.get("pixelsMillis").asDouble(),
          Offset.offset(1e-6));
    });
  }
}
