package io.accrete.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.image.ImageLimits;
import io.accrete.model.Aggregator;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.tensor.Algebra;
import io.accrete.tensor.Parameters;
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
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final int SIDE = 16;
  private static final int D = 16;

  private static Model model;
  private static Model mile;
  private static Model blinding;

  @BeforeAll
  static void load(@TempDir Path directory) {
    model = Model.load(UntrainedBundle.write(directory.resolve("bundle")), RuntimeOptions.cpu());
    mile = load(directory.resolve("mile"), new MileAggregator(new MileConfig(MileConfig.Mode.PATCHES, true, D, 2, 0, 4, false, false)));
    blinding = load(directory.resolve("blinding"), new SameForAll());
  }

  private static Model load(Path folder, Aggregator aggregator) {
    VitConfig vit = VitConfig.plain(new Stem.Patch(8), SIDE, D, 1, 2);
    EncoderGraph encoder = EncoderGraph.of(new Vit(vit), Parameters.random(1), Preprocessing.imageNet(SIDE, SIDE), false, Map.of());
    AggregatorGraph folding = AggregatorGraph.of(aggregator, Parameters.random(1), encoder.tokens(), false, Map.of());
    return Model.load(BundleWriter.write(new BundleDraft("small", "For a test.", encoder, folding), folder, false), RuntimeOptions.cpu());
  }

  @AfterAll
  static void close() {
    model.close();
    mile.close();
    blinding.close();
  }

  @Test
  void shouldAgreeForTheMeanAggregatorAndRepeatItself() {
    Map<String, List<Photo>> photos = objects(12, 6);

    RetrievalReport report = evaluation(3, 2).halves(photos, new Count());

    assertThat(report.objects()).isEqualTo(12);
    assertThat(report.aggregated()).isEqualTo(report.mean()).isEqualTo(report.states());
    assertThat(report.servedSingle()).isEqualTo(report.single());
    assertThat(report.single().ar10()).as("better than chance").isGreaterThan(2 * 5.5 / 12);
    assertThat(evaluation(3, 2).halves(photos, new Count())).isEqualTo(report);
  }

  @Test
  void shouldAgreeOnSingleImagesWhereTheFirstStateIsTheClsToken() {
    RetrievalReport report = new Evaluation(mile, ImageLimits.LOCAL, 3, 2, 0).halves(objects(12, 6), new Count());

    assertThat(report.servedSingle()).isEqualTo(report.single());
    assertThat(report.states()).isEqualTo(report.mean());
  }

  @Test
  void shouldTellTheEncodersScoresFromTheAggregators() {
    Map<String, List<Photo>> photos = objects(12, 6);

    RetrievalReport report = new Evaluation(blinding, ImageLimits.LOCAL, 3, 2, 0).halves(photos, new Count());
    RetrievalReport other = new Evaluation(mile, ImageLimits.LOCAL, 3, 2, 0).halves(photos, new Count());

    assertThat(List.of(report.single(), report.maximum(), report.mean())).as("of the same encoder")
        .isEqualTo(List.of(other.single(), other.maximum(), other.mean()));
    assertThat(report.servedSingle().ar10()).isLessThan(report.single().ar10() - 0.1);
    assertThat(report.states().ar10()).isLessThan(report.mean().ar10() - 0.1);
  }

  @Test
  void shouldExchangePhotosOfTheSetsAlone() {
    Map<String, List<Photo>> photos = objects(12, 12);

    RetrievalReport none = evaluation(3, 4).halves(photos, new Count());
    RetrievalReport two = foreign(3, 2, 4).halves(photos, new Count());

    assertThat(two.foreign()).isEqualTo(2);
    assertThat(two.mean().ar10()).isLessThan(none.mean().ar10() - 0.05);
    assertThat(two.aggregated().ar10()).isLessThan(none.aggregated().ar10() - 0.05);
    assertThat(two.single().ar10()).as("the object's own photo").isGreaterThan(two.mean().ar10());
    assertThat(foreign(3, 2, 4).halves(photos, new Count())).as("repeats itself").isEqualTo(two);
    assertThat(foreign(3, 0, 4).halves(photos, new Count())).isEqualTo(none);
  }

  @Test
  void shouldTakeForeignPhotosFromTheSameSideOfOthers() {
    List<Candidates> objects = new ArrayList<>();
    objects(6, 8).forEach((id, photos) -> objects.add(new Candidates(id, photos, null)));
    Draws plain = new Draws(objects, 3, 0, 5, 0);
    Draws mixed = new Draws(objects, 3, 2, 5, 0);

    for (int object = 0; object < objects.size(); object++) {
      for (int number = 0; number < 5; number++) {
        Draw before = plain.of(object).get(number);
        Draw after = mixed.of(object).get(number);
        assertThat(before.gallery().own()).isEqualTo(before.gallery().folded());
        for (List<Draw.Sample> sides : List.of(List.of(before.gallery(), after.gallery()), List.of(before.query(), after.query()))) {
          List<Photo> folded = sides.get(1).folded();
          assertThat(sides.get(1).own()).hasSize(1).containsExactly(sides.get(0).own().get(0)).containsExactly(folded.get(0));
          assertThat(folded).hasSize(3);
          assertThat(folded.subList(1, 3)).doesNotContainAnyElementsOf(objects.get(object).gallery());
        }
      }
    }
    for (int number = 0; number < 5; number++) {
      Set<Photo> gallery = new LinkedHashSet<>();
      Set<Photo> query = new LinkedHashSet<>();
      for (int object = 0; object < objects.size(); object++) {
        gallery.addAll(mixed.of(object).get(number).gallery().folded());
        query.addAll(mixed.of(object).get(number).query().folded());
      }
      assertThat(gallery).as("no photo finds itself").doesNotContainAnyElementsOf(query);
    }
  }

  @Test
  void shouldRefuseForeignPhotosThatAreTooManyOrNobodys() {
    assertThatIllegalArgumentException().isThrownBy(() -> foreign(3, 3, 1)).withMessageContaining("from 0 to 2 foreign photos")
        .withMessageContaining("found 3");
    assertThatIllegalArgumentException().isThrownBy(() -> foreign(3, -1, 1)).withMessageContaining("found -1");
    assertThatIllegalArgumentException().isThrownBy(() -> foreign(2, 1, 1).halves(objects(1, 4), new Count()))
        .withMessageContaining("second object");
  }

  @Test
  void shouldPassOverADamagedForeignPhoto() {
    SortedMap<String, List<Photo>> photos = objects(3, 8);
    List<Photo> damaged = new ArrayList<>(photos.get("object-2"));
    damaged.replaceAll(photo -> new Photo("text", () -> "no image".getBytes(StandardCharsets.UTF_8)));
    photos.put("object-2", damaged);

    RetrievalReport report = foreign(3, 1, 5).halves(photos, new Count());

    assertThat(report.leftOut()).containsExactly("object-2");
    assertThat(report.objects()).isEqualTo(2);
  }

  @Test
  void shouldFoldToTheMeanOfOneImageEmbeddings() throws Exception {
    SetEmbeddings embeddings = new SetEmbeddings(model, ImageLimits.LOCAL, () -> { });
    List<Photo> photos = objects(1, 5).values().iterator().next();
    embeddings.encode(new LinkedHashSet<>(photos));

    SetEmbeddings.Side side = embeddings.side(new Draw.Sample(photos, photos));

    float[] mean = Vectors.unitMean(side.all(SetEmbeddings.Image::cls));
    for (int i = 0; i < mean.length; i++) {
      assertThat(side.aggregated()[i]).isCloseTo(mean[i], within(1e-6f));
    }
  }

  @Test
  void shouldFindEveryObjectThatIsItsOwnQuery() {
    Map<String, List<Photo>> photos = objects(8, 1);

    RetrievalReport report = evaluation(1, 1).between(photos, photos, new Count());

    assertThat(report.scores().values()).containsOnly(new RetrievalReport.Score(1, 1, 0, 0, List.of(1.0)));
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

    assertThat(json.fieldNames()).toIterable().containsExactly(
        "n", "foreign", "objects", "single", "maximum", "mean", "served.single", "states", "aggregated");
    assertThat(json.get("mean").fieldNames()).toIterable().containsExactly("ar10", "r1", "ar10Std", "r1Std");
  }

  @Test
  void shouldNameEveryNumberForAManifest() {
    RetrievalReport report = evaluation(2, 3).halves(objects(6, 4), new Count());

    assertThat(report.metrics()).hasSize(26).containsEntry("objects", 6.0).containsEntry("images", 2.0)
        .containsEntry("aggregated.ar10", report.aggregated().ar10()).containsEntry("single.r1.std", report.single().r1Std())
        .containsEntry("served.single.ar10", report.servedSingle().ar10()).containsEntry("states.r1", report.states().r1());
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

  private static Evaluation foreign(int images, int foreign, int draws) {
    return new Evaluation(model, ImageLimits.LOCAL, images, foreign, draws, 0);
  }

  /** A mean of images that are all adapted to the same embedding. */
  private record SameForAll() implements Aggregator {
    @Override
    public int stateTokens() {
      return 1;
    }

    @Override
    public int dimension() {
      return D;
    }

    @Override
    public <T> T first(Algebra<T> a, T tokens) {
      return a.add(a.mul(a.slice(tokens, 1, 0, 1), a.constant(0f)), a.constant(1f));
    }

    @Override
    public <T> T next(Algebra<T> a, T state, T tokens, T count) {
      return first(a, tokens);
    }
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
