package io.accrete.streams.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.events.TrainingProgress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class TrainingRunsTest {
  private final TrainingRuns runs = new TrainingRuns();
  private long clock;

  private void step(String run, String stage, long step, Map<String, Double> values) {
    apply(run, stage, step, values, null);
  }

  private void apply(String run, String stage, long step, Map<String, Double> values, String event) {
    runs.apply(TrainingProgress.newBuilder().setRun(run).setStage(stage).setStep(step).setSteps(10_000).setValues(values)
        .setEvent(event).setAt(Instant.ofEpochSecond(clock++)).build());
  }

  private JsonNode newest() {
    return runs.json().get("runs").get(0);
  }

  private static List<Long> steps(JsonNode run) {
    return StreamSupport.stream(run.get("points").spliterator(), false).map(point -> point.get("step").asLong()).toList();
  }

  @Test
  void shouldHaveNoneAtFirst() {
    assertThat(runs.json().toString()).isEqualTo("{\"runs\":[]}");
  }

  @Test
  void shouldTellOfARun() {
    apply("a", "", 0, Map.of(), "Waiting");
    step("a", "distill", 1, Map.of("loss", 0.5, "broken", Double.NaN));
    assertThat(runs.json().toString()).isEqualTo("{\"runs\":[{\"run\":\"a\",\"startedAt\":\"1970-01-01T00:00:00Z\","
        + "\"updatedAt\":\"1970-01-01T00:00:01Z\",\"stage\":\"distill\",\"step\":1,\"steps\":10000,"
        + "\"points\":[{\"stage\":\"distill\",\"step\":1,\"at\":\"1970-01-01T00:00:01Z\",\"values\":{\"loss\":0.5}}],"
        + "\"events\":[{\"at\":\"1970-01-01T00:00:00Z\",\"text\":\"Waiting\"}]}]}");
  }

  @Test
  void shouldKeepTheRunsToldOfLast() {
    IntStream.range(0, TrainingRuns.RUNS).forEach(i -> step("run " + i, "s", 1, Map.of("loss", 1.0)));
    step("run 0", "s", 2, Map.of("loss", 1.0));
    step("another", "s", 1, Map.of("loss", 1.0));
    List<String> names = StreamSupport.stream(runs.json().get("runs").spliterator(), false).map(run -> run.get("run").asText()).toList();
    assertThat(names).hasSize(TrainingRuns.RUNS).startsWith("another", "run 0", "run 19").doesNotContain("run 1");
  }

  @Test
  void shouldThinCurvesEvenlyAndKeepTheirEnds() {
    for (int step = 1; step <= 9_999; step++) {
      step("a", "s", step, Map.of("loss", 1.0 / step));
    }
    List<Long> steps = steps(newest());
    assertThat(steps).hasSizeBetween(TrainingRuns.POINTS / 2, TrainingRuns.POINTS).startsWith(1L).endsWith(9_999L).isSorted();
    assertThat(IntStream.range(2, steps.size() - 1).mapToLong(i -> steps.get(i) - steps.get(i - 1)).distinct().toArray()).hasSize(1);
  }

  @Test
  void shouldForgetWhatIsDoneAgain() {
    for (long step : new long[] {10, 20, 30, 20, 25}) {
      step("a", "second", step, Map.of("loss", 1.0));
    }
    step("a", "third", 1, Map.of("loss", 1.0));
    assertThat(steps(newest())).containsExactly(10L, 20L, 25L, 1L);
  }

  @Test
  void shouldBeBoundedWhateverIsTold() {
    Map<String, Double> many = new HashMap<>();
    IntStream.range(0, 1000).forEach(i -> many.put("value " + i, 1.0));
    step("x".repeat(100_000), "y".repeat(100_000), 1, many);
    IntStream.range(0, 1000).forEach(i -> apply("x".repeat(100_000), "s", 1, Map.of(), "z".repeat(100_000)));
    JsonNode run = newest();
    assertThat(run.get("run").asText()).hasSizeLessThan(1000);
    assertThat(run.get("points").get(0).get("values")).hasSizeLessThan(50);
    assertThat(run.get("events")).hasSize(200);
    assertThat(run.toString()).hasSizeLessThan(200_000);
  }
}
