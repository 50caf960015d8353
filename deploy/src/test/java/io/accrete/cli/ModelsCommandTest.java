package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.UntrainedBundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModelsCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;
  private Path bundle;

  @BeforeEach
  void write() {
    bundle = folder.resolve("default");
    UntrainedBundle.write(bundle);
  }

  @Test
  void shouldVerifyAndShow() {
    assertThat(run("models", "verify", bundle.toString())).isZero();
    assertThat(out.toString()).contains("golden outputs of the bundle: largest error").contains("within the tolerance");
    assertThat(run("models", "show", bundle.toString())).isZero();
    assertThat(out.toString()).contains("untrained-vit-").contains("37 x 192").contains("lineage.training");
  }

  @Test
  void shouldFailAboveTheTolerance() {
    assertThat(run("models", "verify", bundle.toString(), "--tolerance", "-1")).isEqualTo(1);
    assertThat(out.toString()).contains("ABOVE the tolerance");
  }

  @Test
  void shouldTellErrorsInOneLine() throws IOException {
    Files.writeString(bundle.resolve("README.md"), "changed");
    assertThat(run("models", "verify", bundle.toString())).isEqualTo(1);
    assertThat(err.toString().strip()).startsWith("accrete: ").contains("README.md must have").doesNotContain("\n");
    assertThat(run("models", "import", "--from", folder.resolve("none").toString(), "--out", folder.resolve("b").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("There is nothing at").contains("--from");
  }

  @Test
  void shouldSayWhyAFileCannotBeWrapped() {
    // The default encoder takes bytes, not floats: refused, with what it has.
    String file = bundle.resolve("encoder.onnx").toString();
    assertThat(run("models", "import", "--from", file, "--out", folder.resolve("b").toString(), "--aggregator", "mile")).isEqualTo(1);
    assertThat(err.toString()).contains("expected a float value; found pixel_values: uint8 [batch, 96, 96, 3]");
  }

  private int run(String... args) {
    CommandLine command = Accrete.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(args);
  }
}
