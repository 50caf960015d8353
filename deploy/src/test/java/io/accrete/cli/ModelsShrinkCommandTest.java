package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.catalogue.Catalogue;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsShrinkCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  @TempDir private Path dir;
  private Bundle original;
  private String photos;

  @BeforeEach
  void prepare() throws Exception {
    original = UntrainedBundle.write(dir.resolve("original"));
    photos = dir.resolve("photos").toString();
    new Catalogue(3, 6).writeTo(Path.of(photos), 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"half", "int8"})
  void shouldSayInTheCardWhatItCosts(String kind) throws Exception {
    Path smaller = dir.resolve(kind);
    assertThat(shrink("--to", kind, "--out", smaller.toString(), "--held-back", "1", "--draws", "2", "--rounds", "1"))
        .as(errors.toString()).isZero();

    assertThat(out.toString()).contains("6 objects").containsPattern("Encoder: [\\d,]+ KB instead of [\\d,]+, \\d+\\.\\d\\d times as fast");
    Bundle written = Bundle.read(smaller);
    assertThat(written.manifest().metrics()).containsKeys("aggregated.ar10", "original.aggregated.ar10", "original.speed");
    assertThat(written.manifest().metrics().get("original.speed")).isPositive();
    assertThat(Files.readString(smaller.resolve(Bundle.CARD))).contains(original.version())
        .containsPattern("on 6 objects .*AR@10 of what is aggregated [+-]0\\.\\d{4} ± 0\\.\\d{4}").contains("times as fast");
    assertThat(run("models", "verify", smaller.toString())).as(errors.toString()).isZero();
  }

  @Test
  void shouldTellErrorsInOneLine() {
    Path half = dir.resolve("half");
    assertThat(shrink("--to", "half", "--out", half.toString(), "--held-back", "0")).isEqualTo(1);
    assertThat(errors.toString().strip()).startsWith("accrete: None of the 6 objects").doesNotContain("\n");
    assertThat(half).doesNotExist();
  }

  private int shrink(String... more) {
    String[] all = new String[more.length + 5];
    System.arraycopy(new String[] {"models", "shrink", original.root().toString(), "--photos", photos}, 0, all, 0, 5);
    System.arraycopy(more, 0, all, 5, more.length);
    return run(all);
  }

  private int run(String... arguments) {
    return Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(errors, true)).execute(arguments);
  }
}
