package io.accrete.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.model.MeanAggregator;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import io.accrete.testing.OnnxChecker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
  private static final VitConfig TINY =
      new VitConfig(new Stem.Patch(8), 8, 1, 2, 16, 1, 2, true, true, true, false, false, true, 1e-6f);

  @TempDir private Path folder;
  private Path path;

  @BeforeEach
  void write() {
    path = folder.resolve("bundle");
    BundleWriter.write(draft(1), path, false);
  }

  @Test
  void shouldVerifyWhatWasWritten() throws IOException {
    Bundle bundle = Bundle.read(path);
    assertThat(BundleVerifier.verify(path)).isLessThanOrEqualTo(1e-6);
    assertThat(bundle.version()).matches("tiny-[0-9a-f]{12}");
    assertThat(bundle.manifest().shapes()).isEqualTo(new Manifest.Shapes(16, 6, 1, 8, 1, 8));
    assertThat(bundle.manifest().files()).hasSize(11).containsKeys("README.md", "golden/aggregator/output_1.pb");
    assertThat(Files.readString(path.resolve("README.md"))).contains(bundle.version(), "Only for tests.");
    OnnxChecker.check(bundle.encoder());
    OnnxChecker.check(bundle.aggregator());
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void shouldGiveEqualContentsEqualVersions() {
    String version = Bundle.read(path).version();
    assertThat(BundleWriter.write(draft(1), folder.resolve("same"), false).version()).isEqualTo(version);
    assertThat(BundleWriter.write(draft(2), folder.resolve("other"), false).version()).isNotEqualTo(version);
  }

  @Test
  void shouldNotDependOnTheOrderInWhichFactsAreGiven() throws IOException {
    Path first = BundleWriter.write(draft(facts("z", "a", "m")), folder.resolve("first"), false).root();
    Path second = BundleWriter.write(draft(facts("m", "z", "a")), folder.resolve("second"), false).root();
    for (String name : Bundle.read(first).manifest().files().keySet()) {
      assertThat(second.resolve(name)).hasSameBinaryContentAs(first.resolve(name));
    }
    assertThat(second.resolve("manifest.json")).hasSameBinaryContentAs(first.resolve("manifest.json"));
  }

  @Test
  void shouldTellScoresOnTheCard() throws IOException {
    BundleDraft draft = draft(1);
    Map<String, Double> metrics = Map.of("aggregated.ar10", 0.91234, "aggregated.ar10.std", 0.01, "aggregated.r1", 0.5,
        "single.ar10", 1.0, "objects", 20.0, "teacher.r1", 0.25);

    Path scored = BundleWriter.write(new BundleDraft(draft.name(), null, draft.description(), draft.encoder(), draft.aggregator(), Map.of(),
        metrics), folder.resolve("scored"), false).root();

    assertThat(Files.readString(scored.resolve("README.md"))).contains("""
        | | AR@10 | R@1 |
        |---|---|---|
        | single | 1.0000 |  |
        | aggregated | 0.9123 ± 0.0100 | 0.5000 |

        Mean ± standard deviation over random draws. single, maximum, mean: the encoder's image embeddings; \
        served.single, states (their mean), aggregated: the aggregator's.

        | | |
        |---|---|
        | objects | 20 |
        | teacher.r1 | 0.2500 |
        """);
    assertThat(Bundle.read(scored).manifest().metrics()).isEqualTo(metrics);
  }

  @Test
  void shouldReplaceABundleOnlyWhenTold() throws IOException {
    assertThatThrownBy(() -> BundleWriter.write(draft(2), path, false))
        .hasMessageContaining("There is a bundle").hasMessageContaining("--force");
    assertThat(BundleWriter.write(draft(2), path, true).manifest().lineage()).containsEntry("seed", "2");
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Files.writeString(photos.resolve("photo.jpg"), "");
    assertThatThrownBy(() -> BundleWriter.write(draft(2), photos, true)).hasMessageContaining("exists and is no bundle");
    Files.writeString(photos.resolve("manifest.json"), "{\"name\": \"a web page\"}");
    assertThatThrownBy(() -> BundleWriter.write(draft(2), photos, true)).hasMessageContaining("exists and is no bundle");
    assertThat(photos.resolve("photo.jpg")).exists();
  }

  @Test
  void shouldNameAChangedFile() throws IOException {
    byte[] bytes = Files.readAllBytes(path.resolve("encoder.onnx"));
    bytes[bytes.length / 2] ^= 1;
    Files.write(path.resolve("encoder.onnx"), bytes);
    assertThatThrownBy(() -> Bundle.read(path)).isInstanceOf(BundleException.class)
        .hasMessageContaining("encoder.onnx is not the file that the manifest describes: expected SHA-256");
  }

  @Test
  void shouldNameATruncatedAndAMissingFile() throws IOException {
    Path file = path.resolve("golden/encoder/output_0.pb");
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> Bundle.read(path)).hasMessageContaining("must have").hasMessageContaining("found 3");
    Files.delete(file);
    assertThatThrownBy(() -> Bundle.read(path)).hasMessageContaining("lacks golden/encoder/output_0.pb");
    assertThatThrownBy(() -> Bundle.read(folder)).hasMessageContaining("No bundle at").hasMessageContaining("found [bundle]");
  }

  @Test
  void shouldListWhatAGraphContainsWhenShapesDisagree() throws IOException {
    edit("\"stateTokens\" : 1", "\"stateTokens\" : 2");
    assertThatThrownBy(() -> Bundle.read(path)).isInstanceOf(BundleException.class)
        .hasMessageContaining("aggregator.onnx does not have the signature of a bundle")
        .hasMessageContaining("input state: float [batch, 2, 8]").hasMessageContaining("input state: float [batch, 1, 8]");
  }

  @Test
  void shouldNotFollowNamesOutOfTheFolder() throws IOException {
    Files.writeString(folder.resolve("secret"), "x");
    edit("\"README.md\"", "\"../secret\"");
    assertThatThrownBy(() -> Bundle.read(path)).hasMessageContaining("'../secret', which lies outside the bundle");
    edit("\"../secret\"", "\"" + folder.resolve("secret").toAbsolutePath() + "\"");
    assertThatThrownBy(() -> Bundle.read(path)).hasMessageContaining("lies outside the bundle");
    Files.delete(path.resolve("README.md"));
    Files.createSymbolicLink(path.resolve("README.md"), folder.resolve("secret"));
    edit("\"" + folder.resolve("secret").toAbsolutePath() + "\"", "\"README.md\"");
    assertThatThrownBy(() -> Bundle.read(path)).hasMessageContaining("'README.md', which lies outside the bundle");
  }

  @Test
  void shouldRefuseAForeignManifest() throws IOException {
    edit("\"format\" : 1", "\"format\" : 9");
    assertThatThrownBy(() -> Bundle.read(path)).isInstanceOf(BundleException.class)
        .hasMessage(path.resolve("manifest.json") + ": The bundle has format 9; this program reads format 1. "
            + "Write the bundle again with this version.");
    edit("\"format\" : 9", "\"format\" : 1");
    edit("\"tokens\" : 6", "\"tokens\" : 2000000000");
    assertThatThrownBy(() -> Bundle.read(path)).isInstanceOf(BundleException.class).hasMessageContaining("shapes are impossible");
    Files.writeString(path.resolve("manifest.json"), "not json");
    assertThatThrownBy(() -> Bundle.read(path)).hasMessageContaining("manifest.json is not valid");
    Files.writeString(path.resolve("manifest.json"), "null");
    assertThatThrownBy(() -> Bundle.read(path)).isInstanceOf(BundleException.class).hasMessageContaining("found null");
    Files.writeString(path.resolve("manifest.json"), """
        {"format": 1, "version": "v", "shapes": {"imageSize": 1, "tokens": 1, "dimension": 1, "stateTokens": 1, "embedding": 1},
         "files": {"encoder.onnx": null}}""");
    assertThatThrownBy(() -> Bundle.read(path)).isInstanceOf(BundleException.class).hasMessageContaining("'sha256' and 'bytes' of encoder");
  }

  @Test
  void shouldWriteTheUntrainedBundle() {
    Bundle bundle = UntrainedBundle.write(folder.resolve("untrained"));
    assertThat(BundleVerifier.verify(bundle.root())).isLessThanOrEqualTo(1e-6);
    // The version names topics and stores, so it must not change from one JVM to the next: not a computed value here.
    assertThat(bundle.version()).isEqualTo("untrained-vit-fb59f1d3cf8e");
    assertThat(bundle.manifest().shapes()).isEqualTo(new Manifest.Shapes(96, 37, 0, 192, 1, 192));
    OnnxChecker.check(bundle.encoder());
    OnnxChecker.check(bundle.aggregator());
  }

  @Test
  void shouldExportEveryVariantOfTheTransformer() {
    for (boolean on : new boolean[] {false, true}) {
      VitConfig config = new VitConfig(new Stem.Patch(8), 8, 2, 2, 16, on ? 2 : 0, 3, on, on, on, on, on, on, 1e-6f);
      EncoderGraph encoder = EncoderGraph.of(new Vit(config), Parameters.random(5), Preprocessing.imageNet(16, 16), on, Map.of());
      MileConfig mile = new MileConfig(MileConfig.Mode.PATCHES, on, 8, 2, config.registers(), 4, on, on);
      AggregatorGraph aggregator = AggregatorGraph.of(new MileAggregator(mile), Parameters.random(6), encoder.tokens(), on, Map.of());
      Bundle bundle = BundleWriter.write(new BundleDraft("variant-" + on, "Only for tests.", encoder, aggregator),
          folder.resolve("v" + on), false);
      OnnxChecker.check(bundle.encoder());
      OnnxChecker.check(bundle.aggregator());
    }
  }

  private void edit(String from, String to) throws IOException {
    Path manifest = path.resolve("manifest.json");
    String text = Files.readString(manifest);
    assertThat(text).contains(from);
    Files.writeString(manifest, text.replace(from, to));
  }

  private static Map<String, String> facts(String... keys) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String key : keys) {
      facts.put(key, "about " + key);
    }
    return facts;
  }

  private static BundleDraft draft(Map<String, String> facts) {
    BundleDraft draft = draft(1);
    EncoderGraph encoder = EncoderGraph.of(new Vit(TINY), Parameters.random(1), Preprocessing.imageNet(16, 16), false, facts);
    return new BundleDraft(draft.name(), draft.description(), encoder, draft.aggregator());
  }

  private static BundleDraft draft(long seed) {
    EncoderGraph encoder = EncoderGraph.of(
        new Vit(TINY), Parameters.random(seed), Preprocessing.imageNet(16, 16), false, Map.of("seed", Long.toString(seed)));
    return new BundleDraft("tiny", "Only for tests.", encoder,
        AggregatorGraph.of(new MeanAggregator(8), Parameters.random(seed), encoder.tokens(), false, Map.of("aggregator", "mean")));
  }
}
