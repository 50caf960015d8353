package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchFlinkCommandTest {
  @TempDir private Path dir;

  @Test
  void shouldSayHowTheJobIsBuilt() {
    assertThat(error("bench", "flink")).contains("mvn -Pflink");
    assertThat(error("bench", "flink", "--flink", dir.resolve("missing").toString())).contains("mvn -Pflink");
  }

  private static String error(String... arguments) {
    StringWriter errors = new StringWriter();
    assertThat(Accrete.commandLine().setErr(new PrintWriter(errors, true)).execute(arguments)).isEqualTo(1);
    return errors.toString();
  }
}
