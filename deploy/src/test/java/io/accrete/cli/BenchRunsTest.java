package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each benchmark of whole runs works, and says what it should. How fast things are is nobody's business here. */
@Timeout(600)
class BenchRunsTest {
  @TempDir private Path dir;

  @Test
  void shouldCompareTheAppWithItsBareEncoder() throws Exception {
    JsonNode result = bench("stream", "--rounds", "1", "--photos", photos(), "--images", "48", "--simulated-images", "128",
        "--device-millis", "5", "--references");
    assertThat(result.get("images").asInt()).isEqualTo(48);
    assertThat(result.get("meanBatch").asDouble()).isBetween(0.0, 64.0);
    assertThat(result.get("rounds")).hasSize(1);
    isRatio(result.get("ratioToBareEncoder"), result.get("imagesPerSecond"), result.get("bareImagesPerSecond"));
    JsonNode simulated = result.get("simulated");
    assertThat(simulated.get("images").asInt()).isEqualTo(128);
    assertThat(simulated.get("deviceMillis").asInt()).isEqualTo(5);
    assertThat(simulated.get("photoBytes").asDouble()).isGreaterThanOrEqualTo(20 * 1024);
    assertThat(simulated.get("busyRatio").asDouble()).isBetween(0.0, 1.0);
    assertThat(simulated.get("meanBatch").asDouble()).isBetween(0.0, 64.0);
    assertThat(simulated.get("capacity").asDouble()).isEqualTo(12_800);
    assertThat(simulated.get("processorMillis").asDouble()).isNotNegative(); // so few may all come at once
    assertThat(simulated.get("coresAtCapacity").asDouble())
        .isCloseTo(12.8 * simulated.get("processorMillis").asDouble(), within(1e-9));
  }

  @Test
  void shouldCompareEncodingAheadWithOneByOne() throws Exception {
    JsonNode result = bench("naive", "--rounds", "1", "--photos", photos(), "--images", "64", "--device-millis", "5");
    assertThat(result.get("rounds")).containsExactly(result.get("real"));
    assertThat(result.get("deviceMillis").asInt()).isEqualTo(5);
    for (String encoder : new String[] {"real", "simulated"}) {
      JsonNode of = result.get(encoder);
      assertThat(of.get("aheadImages").asInt()).isEqualTo(64);
      assertThat(of.get("meanBatch").asDouble()).as(encoder).isBetween(0.0, 64.0); // so few may all be encoded while it warms up
      isRatio(of.get("ratio"), of.get("aheadImagesPerSecond"), of.get("naiveImagesPerSecond"));
    }
    assertThat(result.at("/simulated/naiveImages").asInt()).isEqualTo(4);
  }

  @Test
  void shouldTellWhatTheNthPhotoCosts() throws Exception {
    JsonNode result = bench("incremental", "--photos", photos(), "--most", "4", "--objects", "3", "--whole-sets", "1",
        "--repetitions", "2");
    assertThat(result.get("samples").asInt()).isEqualTo(6);
    JsonNode steps = result.get("steps");
    assertThat(steps).extracting(step -> step.get("photo").asInt()).containsExactly(1, 2, 4);
    steps.forEach(step -> isRatio(step.get("wholeSetRatio"), step.get("wholeSetMillis"), step.get("millis")));
    steps.forEach(step -> isRatio(step.get("ratioToSecond"), step.get("millis"), step.get("secondMillis")));
    assertThat(result.get("ratioLastToSecond")).isEqualTo(steps.get(2).get("ratioToSecond"));
  }

  @Test
  void shouldTellWhatTheTopologyCosts() throws Exception {
    JsonNode result = bench("overhead", "--images", "100", "--rounds", "1");
    assertThat(result.get("rounds")).hasSize(1);
    result.get("rounds").forEach(round -> isRatio(round.get("ratio"), round.get("imagesPerSecond"), round.get("plainImagesPerSecond")));
    assertThat(result.get("rounds")).contains(result.get("median"));
    assertThat(result.get("stateBytes").asInt()).isGreaterThan(2 * 12 * Float.BYTES); // the tiny model's state and embedding
  }

  @Test
  void shouldTellHowLongAnEventTakes() throws Exception {
    JsonNode result = bench("latency", "--photos", photos(), "--images", "40", "--events", "20", "--load", "0.25");
    assertThat(result.get("rate").asDouble()).isCloseTo(result.get("capacity").asDouble() / 4, within(1e-6));
    JsonNode latencies = result.get("latencies");
    assertThat(latencies.get("events").asInt()).isGreaterThanOrEqualTo(20);
    assertThat(latencies.get("p99").asDouble()).isGreaterThanOrEqualTo(latencies.get("p50").asDouble());
    isRatio(result.get("p50Ratio"), latencies.get("p50"), result.get("bareMillis"));
    isRatio(result.get("p99Ratio"), latencies.get("p99"), result.get("bareMillis"));
  }

  @Test
  void shouldTellHowTheApiAnswersBesideIngest() throws Exception {
    JsonNode result = bench("api", "--photos", photos(), "--objects", "20", "--images", "40", "--requests", "40", "--clients", "2");
    assertThat(result.get("errors").asInt()).isZero();
    assertThat(result.get("ingested").asDouble()).isCloseTo(result.get("capacity").asDouble() / 2, within(1e-6));
    for (String kind : new String[] {"get", "similar"}) {
      JsonNode of = result.get(kind);
      assertThat(of.at("/alone/latencies/events").asInt()).isEqualTo(40);
      assertThat(of.at("/beside/latencies/p99").asDouble()).isGreaterThanOrEqualTo(of.at("/beside/latencies/p50").asDouble());
      isRatio(of.get("rateRatio"), of.at("/beside/perSecond"), of.at("/alone/perSecond"));
      isRatio(of.get("p99Ratio"), of.at("/beside/latencies/p99"), of.at("/alone/latencies/p99"));
    }
  }

  @Test
  void shouldFoldManyObjectsAndRestoreThem() throws Exception {
    JsonNode result = bench("scale", "--objects", "1000");
    assertThat(result.get("objects").asInt()).isEqualTo(1000);
    assertThat(result.get("bytesPerObject").asDouble()).isGreaterThan(2 * 64 * Float.BYTES); // a state and an embedding
    assertThat(result.get("restoreSeconds").asDouble()).isPositive();
    isRatio(result.get("ratioRestoredToFolded"), result.get("restoredObjectsPerSecond"), result.get("lastImagesPerSecond"));
  }

  private String photos() throws IOException {
    Runs.photos(dir.resolve("photos"), 2, 2).close();
    return dir.resolve("photos").toString();
  }

  private JsonNode bench(String name, String... options) throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 1);
    List<String> arguments = new ArrayList<>(List.of("bench", name, "--json", "-c", "topic.partitions=2", "-c", "bundle=" + bundle.root(),
        "-c", "kafka.fetch.max.wait.ms=100")); // where an app ends it waits for its last fetch
    arguments.addAll(List.of(options));
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    int status = Accrete.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(errors, true))
        .execute(arguments.toArray(String[]::new));
    assertThat(status).as(errors.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  private static void isRatio(JsonNode ratio, JsonNode of, JsonNode to) {
    assertThat(to.asDouble()).isPositive();
    assertThat(ratio.asDouble()).isPositive().isCloseTo(of.asDouble() / to.asDouble(), within(1e-9 * ratio.asDouble()));
  }
}
