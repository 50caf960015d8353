package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final TrainingProgress progress = new TrainingProgress(new PrintStream(out, true, StandardCharsets.UTF_8));

  @Test
  void shouldShowLossRateAndEvents() {
    progress.started(6_000, 5_000);
    progress.step(5_000, 8.31778, 251.4);
    progress.event("Checkpoint at step 5,001.");
    progress.step(5_001, 0.000125, 1_251.6);
    progress.ended();

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.endsWith("Checkpoint at step 5,001."))
        .anyMatch(line -> line.contains("Loss 0.0001250, 1,252 images/s, step 5,002 of 6,000, ") && line.contains(", took "));
  }

  @Test
  void shouldStaySilentAboutARunThatDidNoStep() {
    progress.started(6_000, 6_000);
    progress.ended();

    assertThat(out.size()).isZero();
  }
}
