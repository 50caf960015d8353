package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.image.PhotoFolder;
import io.accrete.trainer.data.Split;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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
    bundle = UntrainedBundle.write(directory.resolve("bundle")).root().toString();
    photos = directory.resolve("photos").toString();
    new Catalogue(3, 6).writeTo(Path.of(photos), 4);
  }

  @Test
  void shouldPrintJsonAlone() throws Exception {
    assertThat(run("eval", "--bundle", bundle, "--gallery", photos, "--query", photos, "--images", "2", "--draws", "2", "--json")).isZero();

    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.get("n").asInt()).isEqualTo(2);
    assertThat(report.get("objects").asInt()).isEqualTo(6);
    for (String method : new String[] {"single", "maximum", "mean", "served.single", "states", "aggregated"}) {
      assertThat(report.get(method).get("ar10").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(report.get("aggregated")).isEqualTo(report.get("mean"));
  }

  @Test
  void shouldPrintATable() {
    assertThat(run("eval", "--bundle", bundle, "--gallery", photos, "--query", photos, "--images", "1", "--draws", "1")).isZero();

    assertThat(out.toString()).contains("6 objects").containsPattern("aggregated +[01]\\.\\d{3} \\+- 0\\.000").contains("served.single  ")
        .contains("less mean      +0.0000 +- 0.0000").contains("less states    +0.0000 +- 0.0000")
        .doesNotContain("foreign");
  }

  @Test
  void shouldCompareBundlesOnTheSameDraws() throws Exception {
    String[] both = {"eval", "--bundle", bundle, "--bundle", "untrained", "--photos", photos, "--images", "2", "--draws", "2",
        "-c", "state.dir=" + directory.resolve("state")};

    assertThat(run(both)).as(err.toString()).isZero();
    assertThat(out.toString().lines().filter(line -> line.startsWith("untrained  "))).hasSize(5).last().asString()
        .isEqualTo("untrained" + " ".repeat(bundle.length() - 9) + "  +0.0000 +- 0.0000");
    assertThat(directory.resolve("state/untrained-bundle/manifest.json")).isRegularFile();

    out.getBuffer().setLength(0);
    assertThat(run(with(both, "--json"))).isZero();
    JsonNode reports = new ObjectMapper().readTree(out.toString());
    assertThat(reports).hasSize(2);
    assertThat(reports.get(1).get("bundle").asText()).isEqualTo("untrained");
    assertThat(reports.get(1).get("mean")).isEqualTo(reports.get(0).get("mean"));
  }

  @Test
  void shouldExchangePhotosForForeignOnes() throws Exception {
    String[] evaluation = {"eval", "--bundle", bundle, "--photos", photos, "--images", "2", "--draws", "2"};

    assertThat(run(with(evaluation, "--foreign", "1"))).as(err.toString()).isZero();
    assertThat(out.toString()).startsWith("6 objects, n = 2 images a side, 1 of them foreign");
    assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));

    out.getBuffer().setLength(0);
    assertThat(run(with(evaluation, "--foreign", "1", "--json"))).isZero();
    assertThat(new ObjectMapper().readTree(out.toString()).get("foreign").asInt()).isEqualTo(1);

    assertThat(run(with(evaluation, "--foreign", "2"))).isEqualTo(1);
    assertThat(err.toString()).contains("from 0 to 1 foreign photos", "found 2").doesNotContain("\tat ");
  }

  @Test
  void shouldCloseZips() throws Exception {
    Path openFiles = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(openFiles), "skipped: only Linux tells which files are open");
    Path zip = directory.resolve("photos.zip");
    try (ZipOutputStream packed = new ZipOutputStream(Files.newOutputStream(zip)); Stream<Path> files = Files.walk(Path.of(photos))) {
      for (Path photo : files.filter(Files::isRegularFile).toList()) {
        packed.putNextEntry(new ZipEntry(Path.of(photos).relativize(photo).toString()));
        Files.copy(photo, packed);
      }
    }

    assertThat(run("eval", "--bundle", bundle, "--gallery", zip.toString(), "--query", photos, "--images", "1", "--draws", "1"))
        .as(err.toString()).isZero();

    try (Stream<Path> open = Files.list(openFiles)) {
      assertThat(open.filter(file -> isLinkTo(file, zip))).isEmpty();
    }
  }

  private static boolean isLinkTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file.toRealPath());
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  @Test
  void shouldScoreHeldBackObjectsAlone() throws Exception {
    String[] evaluation = {"eval", "--bundle", bundle, "--photos", photos, "--images", "1", "--draws", "1"};

    assertThat(List.of(heldBack(0.5), heldBack(0.33))).as("some and not all").allSatisfy(ids -> assertThat(ids).hasSizeBetween(1, 5));
    assertThat(run(with(evaluation, "--held-back", "0.5"))).isZero();
    assertThat(out.toString()).startsWith(heldBack(0.5).size() + " objects");
    out.getBuffer().setLength(0);
    assertThat(run(with(evaluation, "--held-back"))).isZero();
    assertThat(out.toString()).startsWith(heldBack(0.33).size() + " objects");

    assertThat(run(with(evaluation, "--held-back", "0"))).isEqualTo(1);
    assertThat(err.toString()).contains("None of the 6 objects in", "--held-back");
    assertThat(run(with(evaluation, "--held-back", "2"))).isEqualTo(1);
    assertThat(err.toString()).contains("share of held-back objects from 0 to 1, found 2.0");
  }

  @Test
  void shouldAskForPhotosOnce() {
    assertThat(run("eval", "--bundle", bundle, "--images", "1")).isEqualTo(2);
    assertThat(run("eval", "--bundle", bundle, "--images", "1", "--photos", photos, "--query", photos)).isEqualTo(2);
    assertThat(err.toString()).contains("--photos", "--gallery");
  }

  private static List<String> heldBack(double share) throws IOException {
    return PhotoFolder.scan(Path.of(photos)).objects().keySet().stream().filter(id -> Split.heldBack(id, share)).toList();
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
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
