package io.accrete.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.bundle.Preprocessing.Resize;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.checkpoint.ForeignEncoder;
import io.accrete.image.PhotoFolder;
import io.accrete.model.MeanAggregator;
import io.accrete.retrieval.Evaluation;
import io.accrete.retrieval.Photo;
import io.accrete.retrieval.RetrievalReport;
import io.accrete.retrieval.RetrievalReport.Score;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.tensor.Parameters;
import io.accrete.trainer.data.Split;
import io.accrete.trainer.testing.ColouredPhotos;
import io.accrete.trainer.testing.SmallBundles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {
  private static final Evaluation.Listener QUIET = new Evaluation.Listener() {
    @Override
    public void begins(long photos) {}

    @Override
    public void encoded() {}
  };

  @TempDir private static Path dir;
  private static Bundle untrained;
  private static Bundle seeing;
  private static Bundle blind;
  private static Bundle forgetful;
  private static Map<String, List<Photo>> photos;

  private final Gate gate = new Gate(3, 5, 0.005, RuntimeOptions.cpu());

  @BeforeAll
  static void prepare() {
    untrained = UntrainedBundle.write(dir.resolve("untrained"));
    seeing = SmallBundles.seeing(dir.resolve("seeing"));
    blind = SmallBundles.blind(dir.resolve("blind"));
    forgetful = SmallBundles.forgetful(dir.resolve("forgetful"));
    photos = ColouredPhotos.objects(20, 6);
  }

  @Test
  void shouldPassWhatIsBetterAndSayByHowMuch() {
    Decision decision = decide(seeing, blind);

    assertThat(decision.passed()).as(decision.reason()).isTrue();
    assertThat(decision.gain().mean()).isGreaterThan(0.1)
        .isEqualTo(decision.candidateScores().aggregated().minus(decision.servingScores().aggregated()).mean());
    assertThat(decision.reason()).matches("Better than blind-[0-9a-f]{12}: AR@10 \\+0\\.\\d{4} ± 0\\.\\d{4}\\.");
  }

  @Test
  void shouldRefuseWhatIsWorse() {
    Decision decision = decide(blind, seeing);

    assertThat(decision.passed()).isFalse();
    assertThat(decision.reason())
        .matches("Not better than seeing-[0-9a-f]{12}: AR@10 -0\\.\\d{4} ± 0\\.\\d{4}, where at least \\+0\\.0050 is asked for\\.");
    assertThat(decision.servingScores()).isNotNull();
  }

  @Test
  void shouldRefuseAnAggregatorThatItsOwnMeanBeats() {
    Decision decision = decide(forgetful, blind);

    assertThat(decision.gain().mean()).as("better than what serves, and yet").isGreaterThan(0.005);
    assertThat(decision.passed()).isFalse();
    assertThat(decision.reason())
        .startsWith("The candidate's aggregated embeddings are worse than the mean of its encoder's image embeddings: AR@10 0.");
  }

  @Test
  void shouldRefuseAnAdapterThatTheEncodersMeanBeats() {
    Score low = score(0.6, 0.6);
    RetrievalReport adapted = new RetrievalReport(4, 0, 20, low, low, score(0.7, 0.7), low, low, low, List.of());

    Decision decision = gate.judge(seeing, Optional.of(blind), adapted, report(0.5, 0.5));

    assertThat(decision.passed()).as("better than what serves, no worse than the mean of its states, and yet").isFalse();
    assertThat(decision.reason()).isEqualTo(
        "The candidate's aggregated embeddings are worse than the mean of its encoder's image embeddings: AR@10 0.6000 against 0.7000.");
  }

  @Test
  void shouldPassAnythingWhereNothingIsToBeLost() {
    Decision first = gate.decide(blind, Optional.empty(), photos, QUIET);
    Decision second = decide(blind, untrained);

    assertThat(first.passed()).isTrue();
    assertThat(first.reason()).isEqualTo("There is no serving model.");
    assertThat(first.serving()).isNull();
    assertThat(second.passed()).isTrue();
    assertThat(second.reason()).contains(untrained.version() + ", is untrained (AR@10 ");
  }

  @Test
  void shouldRefuseTheUntrainedAndTheServingModelItself() {
    assertThat(decide(untrained, seeing).reason()).isEqualTo("The candidate " + untrained.version() + " is untrained.");
    assertThat(decide(seeing, seeing).reason()).isEqualTo("The candidate is the serving model, " + seeing.version() + ".");
  }

  @Test
  void shouldAskForEnoughObjects() {
    SortedMap<String, List<Photo>> few = ColouredPhotos.objects(6, 2);
    few.replaceAll((id, list) -> id.equals("object-0") || id.equals("object-1") ? list.subList(0, 1) : list);

    Decision decision = gate.decide(seeing, Optional.empty(), few, QUIET);

    assertThat(decision.passed()).isFalse();
    assertThat(decision.reason()).isEqualTo("Too few held-back objects: expected at least 5 with two usable photos each, found 4. "
        + "Hold back a larger share, or wait for more objects.");
    assertThat(decision.metrics()).isEmpty();
  }

  @Test
  void shouldCountOnlyObjectsWhosePhotosCanBeDecoded() {
    SortedMap<String, List<Photo>> damaged = ColouredPhotos.objects(5, 2);
    damaged.put("object-0", List.of(new Photo("a", () -> new byte[9]), new Photo("b", () -> new byte[9])));

    assertThat(gate.decide(seeing, Optional.empty(), damaged, QUIET).reason()).startsWith("Too few held-back objects").contains("found 4");
  }

  @Test
  void shouldNotTakeLuckForGain() {
    Decision lucky = gate.judge(seeing, Optional.of(blind), report(0.5, 0.7), report(0.5, 0.6));
    Decision sure = gate.judge(seeing, Optional.of(blind), report(0.61, 0.7), report(0.5, 0.6));

    assertThat(lucky.passed()).isFalse();
    assertThat(lucky.reason()).startsWith("Not surely better than blind-").contains("AR@10 +0.0500 ± 0.0500, within 2 standard errors");
    assertThat(sure.passed()).as(sure.reason()).isTrue();
  }

  @Test
  void shouldBeWrittenAsJsonAndAsMetrics() {
    Decision decision = decide(seeing, blind);

    JsonNode json = new ObjectMapper().valueToTree(decision);

    assertThat(json.fieldNames()).toIterable().containsExactly(
        "passed", "reason", "candidate", "serving", "margin", "gain", "candidateScores", "servingScores");
    assertThat(json.at("/gain/standardError").isNumber()).isTrue();
    assertThat(json.at("/candidateScores/aggregated/ar10").asDouble()).isEqualTo(decision.metrics().get("aggregated.ar10"));
    assertThat(decision.metrics()).containsKeys("mean.ar10", "served.single.ar10", "states.r1", "single.r1", "maximum.ar10.std", "objects");
  }

  @Test
  void shouldRefuseAMarginBelowNothing() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Gate(1, 1, -0.1, RuntimeOptions.cpu())).withMessageContaining("found -0.1");
  }

  @Test
  void shouldPassARealEncoderOnRealPhotos() throws Exception {
    Path model = shared("models/mobilenetv2-imagenet.onnx");
    SortedMap<String, List<Photo>> groceries = Photo.objects(PhotoFolder.scan(shared("data/grocery/test")));
    groceries.keySet().removeIf(id -> !Split.heldBack(id, 0.33));
    groceries.replaceAll((id, list) -> list.subList(0, Math.min(8, list.size())));
    Bundle real = mobileNet(model, dir.resolve("mobilenet"));

    Decision decision = Gate.standard().decide(real, Optional.of(untrained), groceries, QUIET);

    assertThat(decision.passed()).as(decision.reason()).isTrue();
    assertThat(decision.gain().mean()).as(decision.reason()).isGreaterThan(0.05);
    assertThat(decision.candidateScores().objects()).isBetween(10, 30);
  }

  private Decision decide(Bundle candidate, Bundle serving) {
    return gate.decide(candidate, Optional.of(serving), photos, QUIET);
  }

  /** Equal scores for every way to use several images. */
  private static RetrievalReport report(double... ar10) {
    Score score = score(ar10);
    return new RetrievalReport(4, 0, 20, score, score, score, score, score, score, List.of());
  }

  private static Score score(double... ar10) {
    double mean = Arrays.stream(ar10).average().orElseThrow();
    return new Score(mean, mean, 0, 0, Arrays.stream(ar10).boxed().toList());
  }

  private static Bundle mobileNet(Path onnx, Path folder) {
    Preprocessing preprocessing = new Preprocessing(Resize.SHORTEST_EDGE, 256, 224, Resample.BICUBIC, 1 / 255.0,
        List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
    EncoderGraph encoder = ForeignEncoder.wrap(onnx, preprocessing,
        new ForeignEncoder.Options(null, null, null, ForeignEncoder.Channels.RGB, 0));
    AggregatorGraph mean = AggregatorGraph.of(new MeanAggregator(encoder.dimension()), Parameters.random(1), encoder.tokens(), false,
        Map.of());
    return BundleWriter.write(new BundleDraft("mobilenet", "For a test.", encoder, mean), folder, false);
  }

  private static Path shared(String name) {
    Path path = Path.of("../../shared").resolve(name);
    if ("true".equals(System.getenv("CI"))) {
      assertThat(path).exists();
    }
    assumeTrue(Files.exists(path), () -> "skipped: needs " + path.toAbsolutePath().normalize());
    return path;
  }
}
