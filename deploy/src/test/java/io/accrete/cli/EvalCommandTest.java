package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.DefaultBundle;
import io.accrete.catalogue.Catalogue;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EvalCommandTest {
  @TempDir private static Path directory;
  private static String bundle;
  private static String photos;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void prepare() throws Exception {
    bundle = DefaultBundle.write(directory.resolve("bundle")).root().toString();
    photos = directory.resolve("photos").toString();
    new Catalogue(3, 6).writeTo(Path.of(photos), 4);
  }

  @Test
  void shouldPrintJsonAlone() throws Exception {
    assertThat(run("eval", "--bundle", bundle, "--gallery", photos, "--query", photos, "--images", "2", "--seeds", "2", "--json")).isZero();

    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.get("n").asInt()).isEqualTo(2);
    assertThat(report.get("objects").asInt()).isEqualTo(6);
    for (String method : new String[] {"single", "maximum", "mean", "aggregated"}) {
      assertThat(report.get(method).get("ar10").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(report.get("aggregated")).isEqualTo(report.get("mean"));
  }

  @Test
  void shouldPrintATable() {
    assertThat(run("eval", "--bundle", bundle, "--gallery", photos, "--query", photos, "--images", "1", "--seeds", "1")).isZero();

    assertThat(out.toString()).contains("6 objects").containsPattern("aggregated +[01]\\.\\d{3} \\+- 0\\.000");
  }

  @Test
  void shouldSayWhatWasExpectedInsteadOfThePhotos() throws Exception {
    Path empty = Files.createDirectories(directory.resolve("empty"));

    assertThat(run("eval", "--bundle", bundle, "--gallery", empty.toString(), "--query", photos, "--images", "1")).isEqualTo(1);
    assertThat(err.toString()).contains("Expected one folder for each object").doesNotContain("\tat ");
  }

  @Test
  void shouldRefuseNoImages() {
    assertThat(run("eval", "--bundle", bundle, "--gallery", photos, "--query", photos, "--images", "0")).isEqualTo(1);
    assertThat(err.toString()).contains("at least 1 image");
  }

  private int run(String... arguments) {
    CommandLine line = Accrete.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
