package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingListener.Stage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
  private static final Stage STAGE = new Stage("distill", 0, 6_000);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final TrainingProgress progress = new TrainingProgress(new PrintStream(out, true, StandardCharsets.UTF_8));

  private static StepRecord step(long step, double loss, double imagesPerSecond) {
    return new StepRecord(step, "distill", loss, Map.of(), 0.001, imagesPerSecond, 0, 1);
  }

  @Test
  void shouldShowLossRateAndEvents() {
    progress.started(STAGE, 6_000, 5_000);
    progress.step(step(5_000, 8.31778, 251.4));
    progress.event("Checkpoint at step 5,001.");
    progress.step(step(5_001, 0.000125, 1_251.6));
    progress.ended();

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.endsWith("Checkpoint at step 5,001."))
        .anyMatch(line -> line.contains("Loss 0.0001250, 1,252 images/s, step 5,002 of 6,000, ") && line.contains(", took "));
  }

  @Test
  void shouldStaySilentAboutARunThatDidNoStep() {
    progress.started(STAGE, 6_000, 6_000);
    progress.ended();

    assertThat(out.size()).isZero();
  }
}
