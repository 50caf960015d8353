package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BenchRolloutCommandTest {
  private static final int OBJECTS = 6;

  @TempDir private Path dir;

  @Test
  @Timeout(600)
  void shouldMeasureAndProveARollout() throws Exception {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    int status = Accrete.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(errors, true)).execute("bench", "rollout",
        "--objects", "" + OBJECTS, "--images", "8", "--size", "32", "--dimension", "128", "--depth", "1", "--events", "10",
        "--data", dir.resolve("data").toString(), "-c", "topic.partitions=2", "--json");
    assertThat(status).as(errors.toString()).isZero();

    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertThat(result.get("problems")).isEmpty();
    JsonNode live = result.get("live");
    assertThat(live.get("images").asInt()).isEqualTo(OBJECTS * 8 * 7 / 8);
    assertThat(live.get("before").get("events").asInt()).isGreaterThanOrEqualTo(10);
    assertThat(live.get("before").get("p99").asDouble()).isPositive().isGreaterThanOrEqualTo(live.get("before").get("p50").asDouble());
    assertThat(live.get("after").get("events").asInt()).isPositive();
    assertThat(live.get("spaces")).extracting(JsonNode::asText)
        .containsExactly(result.get("from").asText(), result.get("to").asText(), result.get("from").asText());
    for (String proof : new String[] {"/live/flipped", "/live/rolledBack", "/live/draining", "/encoding/proof", "/cached/proof"}) {
      JsonNode of = result.at(proof);
      assertThat(of.get("holds").asBoolean()).as(proof).isTrue();
      assertThat(of.get("objects").asInt()).as(proof).isEqualTo(OBJECTS);
      assertThat(of.get("images").asInt()).as(proof).isGreaterThanOrEqualTo(OBJECTS * 7);
      assertThat(of.get("missing").asInt() + of.get("mixed").asInt() + of.get("duplicates").asInt()).as(proof).isZero();
      assertThat(of.get("largestDifference").asDouble()).as(proof).isLessThanOrEqualTo(1e-6);
    }
    assertThat(result.at("/live/rolledBack/images").asInt()).isGreaterThan(result.at("/live/flipped/images").asInt());
    assertThat(result.at("/encoding/encoded").asInt()).isEqualTo(OBJECTS * 7);
    assertThat(result.at("/cached/encoded").asInt()).isZero();
    assertThat(result.at("/cached/images").asInt()).isEqualTo(OBJECTS * 7);
  }

  @Test
  void shouldRefuseADirectoryWithFiles() throws Exception {
    Files.writeString(dir.resolve("file"), "of somebody");
    StringWriter errors = new StringWriter();
    int status = Accrete.commandLine().setErr(new PrintWriter(errors, true)).execute("bench", "rollout", "--data", dir.toString());
    assertThat(status).isEqualTo(1);
    assertThat(errors.toString()).contains("empty directory").contains(dir.toString());
  }
}
