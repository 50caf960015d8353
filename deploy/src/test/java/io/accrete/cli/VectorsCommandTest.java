package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VectorsCommandTest {
  private static final Path VECTORS = Path.of("../onnx-export/src/test/resources/vectors");

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldPrintTheLargestErrorOfEveryFile() {
    assertThat(run(VECTORS)).isZero();

    assertThat(out.toString().lines()).hasSize(3).allMatch(line -> line.matches("[a-z0-9_/]+\\.json [0-9]\\.[0-9]{3}e-?[+]?[0-9]+"));
  }

  @Test
  void shouldFailAboveTheTolerance() throws IOException {
    String file = Files.readString(VECTORS.resolve("retrieval_ar10.json"));
    Files.writeString(directory.resolve("retrieval_ar10.json"), file.replaceFirst("\"ar10\": [0-9.]+", "\"ar10\": 0.5"));

    assertThat(run(directory)).isEqualTo(1);
    assertThat(err.toString()).contains("AR@10").contains("expected at most");
  }

  @Test
  void shouldRunWhatTheTrainerComputes() {
    assertThat(run(Path.of("../trainer/src/test/resources/vectors"))).isZero();

    assertThat(out.toString()).matches("dino_head_and_loss\\.json [0-9]\\.[0-9]{3}e-1[0-9]\\R");
  }

  @Test
  void shouldSayWhatWasNotRunAndNotFail() throws IOException {
    Files.writeString(directory.resolve("other.json"), "{}");

    assertThat(run(directory)).isZero();
    assertThat(out.toString()).startsWith("other.json not run: ");
  }

  @Test
  void shouldFailWithoutVectors() {
    assertThat(run(directory)).isEqualTo(1);
    assertThat(err.toString()).contains("found none");
  }

  private int run(Path vectors) {
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute("vectors", vectors.toString());
  }
}
