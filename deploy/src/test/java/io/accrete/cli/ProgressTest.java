package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void shouldTellRateAndTimeLeft() {
    assertThat(Progress.line("Folding", 0, 0, -1, 1, false)).isEqualTo("Folding 0");
    assertThat(Progress.line("Folding", 0, 0, 40, 1, false)).isEqualTo("Folding 0 of 40");
    assertThat(Progress.line("Folding", 0, 20, 1853, 10, false)).isEqualTo("Folding 20 of 1,853, 2.0/s, 15:17 left");
    assertThat(Progress.line("Folding", 0, 1853, 1853, 40, false)).isEqualTo("Folding 1,853 of 1,853, 46/s");
    assertThat(Progress.line("Folding", 0, 1, 7201, 1, false)).isEqualTo("Folding 1 of 7,201, 1.0/s, 2:00:00 left");
    assertThat(Progress.line("Folding", 0, 1853, 1853, 40, true)).isEqualTo("Folding 1,853 of 1,853, 46/s, took 0:40");
  }

  @Test
  void shouldReckonWithoutWhatWasDoneBefore() {
    assertThat(Progress.line("Step", 5_000, 5_000, 6_000, 1, false)).isEqualTo("Step 5,000 of 6,000");
    assertThat(Progress.line("Step", 5_000, 5_020, 6_000, 10, false)).isEqualTo("Step 5,020 of 6,000, 2.0/s, 8:10 left");
  }

  @Test
  void shouldGiveTheBarWhatTheLineLeaves() {
    assertThat(Progress.bar(20, 40, 60)).isEqualTo("[==========          ] ");
    assertThat(Progress.bar(20, 40, 7)).isEqualTo("[==  ] ");
    assertThat(Progress.bar(20, 40, 3)).isEmpty();
    assertThat(Progress.bar(20, -1, 5)).isEqualTo("[  ] ");
  }

  @Test
  void shouldWriteOneLineForAShortTaskAndNoneForNoTask() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8); Progress progress = Progress.start("Sending", 1, print)) {
      progress.step();
    }
    try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8); Progress progress = Progress.start("Sending", 0, print)) {
      progress.total(0);
    }

    assertThat(out.toString(StandardCharsets.UTF_8)).containsOnlyOnce("Sending").contains("1 of 1");
  }
}
