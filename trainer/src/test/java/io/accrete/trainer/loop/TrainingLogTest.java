package io.accrete.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TrainingLogTest {
  @TempDir private Path run;

  @Test
  void shouldReadWhatWasWritten() {
    StepRecord first = new StepRecord(0, "distill", 1.5, Map.of("cosine", 1.25, "similarity", .25), 1e-3, 251.5, .02, .4);
    StepRecord second = new StepRecord(1, "distill", Double.NaN, Map.of(), 1e-3, 250, 0, .8);
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      log.event(TrainingLog.START, Map.of("photos", 40_000, "recipe", Map.of("batch", 96)));
      log.step(first);
      log.step(second);
      log.event(TrainingLog.END, Map.of("reason", "all steps \"done\"\n"));
    }

    Contents contents = contents();

    assertThat(contents.steps).containsExactly(first, second);
    assertThat(contents.events).extracting(TrainingLog.Event::event).containsExactly("start", "end");
    assertThat(contents.events).extracting(TrainingLog.Event::step).containsExactly(-1L, 1L);
    assertThat(contents.events.get(0).facts().at("/recipe/batch").asInt()).isEqualTo(96);
    assertThat(contents.events.get(1).facts().path("reason").asText()).isEqualTo("all steps \"done\"\n");
  }

  @Test
  void shouldDropWhatAKilledRunDidAfterItsCheckpoint() {
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      log.event(TrainingLog.START, Map.of());
      steps(log, 0, 10);
      log.event(TrainingLog.CHECKPOINT, Map.of("step", 10));
      steps(log, 10, 17);
      log.event(TrainingLog.EVALUATION, Map.of());
    }
    try (TrainingLog log = TrainingLog.open(run, 10)) {
      log.event(TrainingLog.RESUME, Map.of());
      steps(log, 10, 12);
    }

    Contents contents = contents();

    assertThat(contents.steps).extracting(StepRecord::step).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
    assertThat(contents.events).extracting(TrainingLog.Event::event).containsExactly("start", "checkpoint", "resume");
  }

  @Test
  void shouldBeginAnewAtStepZero() {
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      log.event(TrainingLog.START, Map.of());
    }
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      log.event(TrainingLog.START, Map.of());
    }

    assertThat(contents().events).hasSize(1);
  }

  @Test
  void shouldDropATornLastLine() throws IOException {
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      steps(log, 0, 3);
    }
    append("{\"step\":3,\"objective\":\"dis");

    assertThat(contents().steps).hasSize(3);
    try (TrainingLog log = TrainingLog.open(run, 4)) {
      steps(log, 4, 5);
    }
    assertThat(contents().steps).extracting(StepRecord::step).containsExactly(0L, 1L, 2L, 4L);
  }

  @Test
  void shouldPassOverADamagedLine() throws IOException {
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      steps(log, 0, 2);
    }
    append("\0\0\0\0\n");
    try (TrainingLog log = TrainingLog.open(run, 2)) {
      steps(log, 2, 3);
    }

    assertThat(contents().steps).extracting(StepRecord::step).containsExactly(0L, 1L, 2L);
  }

  @Test
  void shouldReadNothingWhereNothingIs() {
    assertThat(contents().steps).isEmpty();
  }

  @Test
  void shouldSayWhereItCannotWrite() throws IOException {
    Path file = Files.writeString(run.resolve("file"), "in the way");

    assertThatThrownBy(() -> TrainingLog.open(file, 0)).isInstanceOf(UncheckedIOException.class).hasMessageContaining(file.toString());
  }

  /** A limit on the size of files stands for the full disk: it too takes a part of a line and then no more. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void shouldStayWholeWhenTheDiskIsFull() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process = new ProcessBuilder("sh", "-c", "ulimit -f 8 && exec \"$@\"", "sh", java, "-XX:-UsePerfData", "-cp",
        System.getProperty("java.class.path"), Filler.class.getName(), run.toString()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(said).contains("Cannot write the training log " + run.resolve(TrainingLog.FILE)).contains("last checkpoint");
    String file = Files.readString(run.resolve(TrainingLog.FILE));
    assertThat(file).endsWith("}\n").hasSizeBetween(3_500, 8_192);
    assertThat(contents().steps).extracting(StepRecord::step).hasSize((int) file.lines().count()).contains(20L);
  }

  /** Logs until it cannot. */
  static final class Filler {
    private Filler() {}

    public static void main(String[] arguments) {
      try (TrainingLog log = TrainingLog.open(Path.of(arguments[0]), 0)) {
        steps(log, 0, 1_000);
      } catch (UncheckedIOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private record Contents(List<StepRecord> steps, List<TrainingLog.Event> events) implements TrainingLog.Reader {
    @Override
    public void step(StepRecord step) {
      steps.add(step);
    }

    @Override
    public void event(TrainingLog.Event event) {
      events.add(event);
    }
  }

  private Contents contents() {
    Contents contents = new Contents(new ArrayList<>(), new ArrayList<>());
    TrainingLog.read(run, contents);
    return contents;
  }

  private static void steps(TrainingLog log, int from, int to) {
    for (int step = from; step < to; step++) {
      log.step(new StepRecord(step, "distill", 1, Map.of("cosine", .5), 1e-3, 250, .01, step * .4));
    }
  }

  private void append(String text) throws IOException {
    Files.writeString(run.resolve(TrainingLog.FILE), text, StandardOpenOption.APPEND);
  }
}
