package io.accrete.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static Model model;

  @BeforeAll
  static void load(@TempDir Path directory) {
    model = Model.load(UntrainedBundle.write(directory.resolve("bundle")), RuntimeOptions.cpu());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void shouldAgreeForTheMeanAggregatorAndRepeatItself() {
    Map<String, List<Photo>> photos = objects(12, 6);

    RetrievalReport report = evaluation(3, 2).halves(photos, new Count());

    assertThat(report.objects()).isEqualTo(12);
    assertThat(report.aggregated()).isEqualTo(report.mean());
    assertThat(report.single().ar10()).as("better than chance").isGreaterThan(2 * 5.5 / 12);
    assertThat(evaluation(3, 2).halves(photos, new Count())).isEqualTo(report);
  }

  @Test
  void shouldFoldToTheMeanOfOneImageEmbeddings() throws Exception {
    SetEmbeddings embeddings = new SetEmbeddings(model, ImageLimits.LOCAL, () -> { });
    List<Photo> photos = objects(1, 5).values().iterator().next();
    embeddings.encode(new LinkedHashSet<>(photos));

    SetEmbeddings.Side side = embeddings.side(photos);

    float[] mean = Vectors.unitMean(side.singles());
    for (int i = 0; i < mean.length; i++) {
      assertThat(side.aggregated()[i]).isCloseTo(mean[i], within(1e-6f));
    }
  }

  @Test
  void shouldFindEveryObjectThatIsItsOwnQuery() {
    Map<String, List<Photo>> photos = objects(8, 1);

    RetrievalReport report = evaluation(1, 1).between(photos, photos, new Count());

    assertThat(List.of(report.single(), report.maximum(), report.mean(), report.aggregated()))
        .containsOnly(new RetrievalReport.Score(1, 1, 0, 0, List.of(1.0)));
  }

  @Test
  void shouldEncodeEveryPhotoOnceHoweverManyDraws() {
    Count count = new Count();

    evaluation(2, 20).halves(objects(3, 4), count);

    assertThat(count.encoded).hasValue(12);
    assertThat(count.expected).isEqualTo(12);
  }

  @Test
  void shouldLeaveOutWhatCannotTakePart() {
    SortedMap<String, List<Photo>> gallery = objects(4, 2);
    SortedMap<String, List<Photo>> query = new TreeMap<>(gallery);
    query.remove("object-1");
    query.put("object-2", List.of(new Photo("text", () -> "no image".getBytes(StandardCharsets.UTF_8))));

    RetrievalReport report = evaluation(5, 1).between(gallery, query, new Count());

    assertThat(report.leftOut()).containsExactly("object-1", "object-2");
    assertThat(report.objects()).isEqualTo(2);
  }

  @Test
  void shouldGoOnWithoutADamagedPhoto() {
    SortedMap<String, List<Photo>> photos = objects(3, 4);
    List<Photo> damaged = new ArrayList<>(photos.get("object-0"));
    damaged.set(0, new Photo("gone", () -> {
      throw new IOException("The file is gone.");
    }));
    photos.put("object-0", damaged);

    assertThat(evaluation(4, 2).halves(photos, new Count()).objects()).isEqualTo(3);
  }

  @Test
  void shouldWriteTheReportsFields() {
    JsonNode json = new ObjectMapper().valueToTree(evaluation(1, 1).halves(objects(2, 2), new Count()));

    assertThat(json.fieldNames()).toIterable().containsExactly("n", "objects", "single", "maximum", "mean", "aggregated");
    assertThat(json.get("mean").fieldNames()).toIterable().containsExactly("ar10", "r1", "ar10Std", "r1Std");
  }

  @Test
  void shouldNameEveryNumberForAManifest() {
    RetrievalReport report = evaluation(2, 3).halves(objects(6, 4), new Count());

    assertThat(report.metrics()).hasSize(18).containsEntry("objects", 6.0).containsEntry("images", 2.0)
        .containsEntry("aggregated.ar10", report.aggregated().ar10()).containsEntry("single.r1.std", report.single().r1Std());
    assertThat(report.single().ar10Draws()).hasSize(3);
  }

  @Test
  void shouldCompareDrawByDraw() {
    Difference difference = score(0.5, 0.7, 0.9).minus(score(0.4, 0.5, 0.9));

    assertThat(difference.mean()).isCloseTo(0.1, within(1e-12));
    assertThat(difference.standardError()).as("sample deviation .1 over the root of 3").isCloseTo(0.1 / Math.sqrt(3), within(1e-12));
    assertThat(score(0.5).minus(score(0.25))).isEqualTo(new Difference(0.25, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> score(0.5).minus(score(0.5, 0.6))).withMessageContaining("1 and 2 draws");
  }

  private static RetrievalReport.Score score(double... ar10) {
    return RetrievalReport.Score.of(Arrays.stream(ar10).mapToObj(value -> new double[] {value, 0}).toList());
  }

  private static Evaluation evaluation(int images, int draws) {
    return new Evaluation(model, ImageLimits.LOCAL, images, draws, 0);
  }

  /** Plain objects of different colours, with noise. */
  private static SortedMap<String, List<Photo>> objects(int objects, int photos) {
    SortedMap<String, List<Photo>> all = new TreeMap<>();
    for (int object = 0; object < objects; object++) {
      List<Photo> list = new ArrayList<>();
      for (int photo = 0; photo < photos; photo++) {
        byte[] bytes = png(Color.getHSBColor((float) object / objects, 0.7f, 0.8f), object * 100 + photo);
        list.add(new Photo(object + "/" + photo, () -> bytes));
      }
      all.put("object-" + object, list);
    }
    return all;
  }

  private static byte[] png(Color color, int seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(100, 80, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, 100, 80);
    graphics.setColor(color.darker());
    graphics.fillOval(random.nextInt(60), random.nextInt(40), 30, 40);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private static final class Count implements Evaluation.Listener {
    private final AtomicInteger encoded = new AtomicInteger();
    private long expected;

    @Override
    public void begins(long photos) {
      expected = photos;
    }

    @Override
    public void encoded() {
      encoded.incrementAndGet();
    }
  }
}
