package io.accrete.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageLimits;
import io.accrete.image.RgbImage;
import io.accrete.trainer.loop.CollapseWatch.Reading;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingLog;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingReportTest {
  private static final String HOSTILE = "</style><script>alert(1)</script>\"'&<img src=x onerror=alert(2)>";

  @TempDir private Path run;

  @Test
  void shouldTellTheRun() throws IOException {
    write(3_000);
    Neighbours.write(run, List.of(new Neighbours("pear", photo(300, 200), List.of(found("plum"), found("pear")), List.of(found("pear")))));

    Document page = report();

    assertThat(page.select("h2").eachText()).containsExactly(
        "What is trained", "Held-back objects", "Neighbours before and after", "Training", "Watch for collapse", "What happened");
    assertThat(page.selectFirst("h1 + p").text()).isEqualTo("3,000 steps in 0:20:00. Last checkpoint after step 1,499.");
    assertThat(page.select("[aria-label=What is trained] tbody tr").eachText()).contains("recipe.batch 96", "recipe.photos a, b");
    assertThat(page.select("figcaption b").eachText()).containsExactly("AR@10", "R@1", "Loss of distill", "distill: cosine",
        "Learning rate", "Images per second", "Waiting for data, %", "Deviation of embeddings", "Effective rank",
        "Cosine between objects", "Entropy of the teacher");
    assertThat(page.select("svg[aria-label^=Loss of distill]").attr("aria-label"))
        .isEqualTo("Loss of distill; from 3.979 at step 0 to 1.008 at step 2992, lowest 1.007, highest 4.");
    assertThat(page.select("svg[aria-label^=AR@10]").attr("aria-label")).contains("aggregated from 0.6 at step 1499 to 0.8 at step 2999")
        .contains("single from 0.5").contains("serving model, aggregated from 0.7");
    assertThat(page.select("path.line.serving")).isNotEmpty();
    assertThat(page.select("[aria-label=Decisions of the gate] tbody tr:last-child > *").eachText())
        .containsExactly("2999", "yes", "small-2", "0.8", "small-1", "0.7", "Better than small-1.");
    assertThat(page.select("section:has(h2:contains(Neighbours)) > p").text())
        .isEqualTo("The nearest is right for 0 of 1 objects before, and for 1 after.");
    assertThat(page.select("li.right").eachText()).containsExactly("✓ right: pear", "✓ right: pear");
    assertThat(page.select("li.wrong").eachText()).containsExactly("✗ plum");
    assertThat(page.text()).contains("reason all steps done");
  }

  @Test
  void shouldBeOnePageThatNeedsNothingElse() throws IOException {
    write(200);
    Neighbours.write(run, List.of(new Neighbours("pear", photo(30, 20), List.of(), List.of(found("pear")))));
    Document page = report();

    assertThat(page.select("script, link, iframe, object, embed")).isEmpty();
    assertThat(page.select("[src]").eachAttr("src")).isNotEmpty().allMatch(source -> source.startsWith("data:image/jpeg;base64,"));
    assertThat(page.select("[href]")).isEmpty();
    assertThat(page.selectFirst("style").data()).doesNotContain("url(", "@import").contains("prefers-color-scheme: dark");
    assertThat(page.select("meta[http-equiv=Content-Security-Policy]").attr("content")).startsWith("default-src 'none'");
    assertThat(page.select("img:not([alt]), svg:not([aria-label]):not([aria-hidden])")).isEmpty();
    assertThat(page.select("html").attr("lang")).isEqualTo("en");
  }

  @Test
  void shouldBeHtmlWithoutErrors() throws IOException {
    write(200);
    TrainingReport.write(run);
    Parser parser = Parser.htmlParser().setTrackErrors(10);
    parser.parseInput(Files.readString(run.resolve(TrainingReport.FILE)), "");

    assertThat(parser.getErrors()).isEmpty();
  }

  @Test
  void shouldEscapeEverything() throws IOException {
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      log.event(TrainingLog.START, Map.of(HOSTILE, HOSTILE));
      log.step(new StepRecord(0, HOSTILE, 1, Map.of(HOSTILE, 1.0), 1, 1, 0, 1));
      log.event(TrainingLog.GATE, Map.of("candidate", HOSTILE, "serving", HOSTILE, "reason", HOSTILE));
      log.event(HOSTILE, Map.of(HOSTILE, List.of(HOSTILE)));
    }
    Neighbours.write(run, List.of(new Neighbours(HOSTILE, new byte[0], List.of(found(HOSTILE)), List.of())));

    Document page = report();

    assertThat(page.select("script, [onerror], img[src=x]")).isEmpty();
    assertThat(page.select("th, td, b, h3 span, li span").eachText()).filteredOn(text -> text.contains(HOSTILE)).hasSizeGreaterThan(8);
  }

  @Test
  void shouldWriteAReportOfARunThatHasNotBegun() throws IOException {
    assertThat(report().text()).contains("No step is done yet.");
  }

  @Test
  void shouldStaySmallForALongRun() throws IOException {
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      for (int step = 0; step < 20_000; step++) {
        log.step(step(step));
      }
    }

    TrainingReport.write(run);

    assertThat(Files.size(run.resolve(TrainingReport.FILE))).isLessThan(300_000);
  }

  @Test
  void shouldMakePhotosSmallAndLeaveBrokenOnesBlank() throws Exception {
    Neighbours.write(run, List.of(new Neighbours("pear", photo(400, 300),
        List.of(new Neighbours.Found("plum", new byte[] {1, 2})), List.of())));

    Document page = report();

    String source = page.selectFirst("h3 img").attr("src");
    RgbImage small = ImageDecoder.decode(Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1)), ImageLimits.LOCAL);
    assertThat(small.width()).isEqualTo(112);
    assertThat(small.height()).isEqualTo(84);
    assertThat(small.rgb()[2] & 0xff).isGreaterThan(180); // blue, as the photo is
    assertThat(page.select("li .blank")).hasSize(1);
  }

  @Test
  void shouldKeepTheReportBeforeWhereItCannotWrite() throws IOException {
    write(10);
    Files.createDirectories(run.resolve(TrainingReport.FILE).resolve("in the way"));

    assertThatThrownBy(() -> TrainingReport.write(run)).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Cannot write " + run.resolve(TrainingReport.FILE)).hasMessageContaining("is kept");
    try (Stream<Path> files = Files.list(run)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(TrainingLog.FILE, TrainingReport.FILE);
    }
  }

  private void write(int steps) {
    try (TrainingLog log = TrainingLog.open(run, 0)) {
      log.event(TrainingLog.START, Map.of("recipe", Map.of("batch", 96, "photos", List.of("a", "b"))));
      for (int step = 0; step < steps; step++) {
        log.step(step(step));
        if ((step + 1) % (steps / 2) == 0) {
          log.event(TrainingLog.COLLAPSE, new Reading(.9, 40.5, 256, .1, 5.5, 6.9, 3.0));
          boolean last = step == steps - 1;
          log.event(TrainingLog.GATE, Map.of("passed", last, "candidate", "small-2", "serving", "small-1", "reason",
              (last ? "Better" : "Not better") + " than small-1.", "candidateScores", scores(last ? .8 : .6), "servingScores", scores(.7)));
          if (!last) {
            log.event(TrainingLog.CHECKPOINT, Map.of());
          }
        }
      }
      log.event(TrainingLog.END, Map.of("reason", "all steps done"));
    }
  }

  private static StepRecord step(int step) {
    double loss = 1 + 3 * Math.exp(-step / 500.0);
    return new StepRecord(step, "distill", loss, Map.of("cosine", loss / 2), 1e-3, 250, .01, (step + 1) * .4);
  }

  private static Map<String, Object> scores(double aggregated) {
    return Map.of("n", 4, "objects", 20, "single", Map.of("ar10", .5, "r1", .3), "maximum", Map.of("ar10", .55, "r1", .35),
        "mean", Map.of("ar10", aggregated - .02, "r1", .5), "aggregated", Map.of("ar10", aggregated, "r1", .6));
  }

  private static Neighbours.Found found(String object) throws IOException {
    return new Neighbours.Found(object, photo(20, 20));
  }

  private static byte[] photo(int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, 0x1030e0);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private Document report() throws IOException {
    TrainingReport.write(run);
    return Jsoup.parse(Files.readString(run.resolve(TrainingReport.FILE)));
  }
}
