package io.accrete.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleVerifier;
import io.accrete.bundle.BundleWeights;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.model.MeanAggregator;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import io.accrete.testing.OnnxChecker;
import io.accrete.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"tiny-vit", "tiny-dinov2", "tiny-dinov2-interpolated", "tiny-dinov2-with-registers"})
  void shouldGiveTheTokensOfTheOriginal(String name) {
    Path checkpoint = Shared.path("models/import/" + name);
    Bundle bundle = write(HuggingFace.read(checkpoint).encoder(0, false));
    double error = BundleVerifier.verify(bundle, checkpoint.resolve("golden.json"));
    assertThat(error).isLessThanOrEqualTo(1e-4);
    OnnxChecker.check(bundle.encoder());
    OnnxChecker.check(bundle.aggregator());
  }

  @ParameterizedTest
  @CsvSource({"tiny-vit, 96, 37", "tiny-dinov2, 84, 37", "tiny-dinov2-with-registers, 70, 30", "tiny-dinov2-with-registers, 28, 9"})
  void shouldExportOtherImageSizes(String name, int size, int tokens) {
    Bundle bundle = write(HuggingFace.read(Shared.path("models/import/" + name)).encoder(size, false));
    assertThat(bundle.manifest().shapes().imageSize()).isEqualTo(size);
    assertThat(bundle.manifest().shapes().tokens()).isEqualTo(tokens);
    assertThat(BundleVerifier.verify(bundle.root())).isLessThanOrEqualTo(BundleVerifier.TOLERANCE);
    OnnxChecker.check(bundle.encoder());
  }

  @ParameterizedTest
  @CsvSource({"tiny-vit, false", "tiny-dinov2, true", "tiny-dinov2-interpolated, false", "tiny-dinov2-with-registers, true"})
  void shouldComeBackFromTheBundle(String name, boolean half) {
    EncoderGraph exported = HuggingFace.read(Shared.path("models/import/" + name)).encoder(0, half);
    Bundle bundle = write(exported);
    BundleWeights<VitConfig> read = BundleWeights.encoder(bundle);
    EncoderGraph again =
        EncoderGraph.of(new Vit(read.config()), read.weights(), bundle.preprocessing(), read.halfPrecision(), exported.lineage());
    assertThat(again.model().toByteArray()).isEqualTo(exported.model().toByteArray());
  }

  @Test
  void shouldInterpolateToTheGoldenSizeOnDemand() throws IOException {
    Path interpolated = Shared.path("models/import/tiny-dinov2-interpolated");
    Path copy = copy(interpolated);
    Files.copy(Shared.path("models/import/tiny-dinov2/preprocessor_config.json"), copy.resolve("preprocessor_config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(BundleVerifier.verify(write(HuggingFace.read(copy).encoder(84, false)),
        interpolated.resolve("golden.json"))).isLessThanOrEqualTo(1e-4);
  }

  @Test
  void shouldStayCloseInHalfPrecision() throws IOException {
    Path checkpoint = Shared.path("models/import/tiny-dinov2");
    Bundle half = write(HuggingFace.read(checkpoint).encoder(0, true));
    assertThat(BundleVerifier.verify(half, checkpoint.resolve("golden.json"))).isBetween(1e-7, 2e-2);
    assertThat(Files.size(half.encoder())).isLessThan(Files.size(checkpoint.resolve("model.safetensors")) * 7 / 10);
    OnnxChecker.check(half.encoder());
  }

  @Test
  void shouldNameMissingAndUnexpectedTensors() throws IOException {
    Path copy = copy(Shared.path("models/import/tiny-dinov2"));
    String config = Files.readString(copy.resolve("config.json"));
    Files.writeString(copy.resolve("config.json"), config.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1"));
    assertThatThrownBy(() -> HuggingFace.read(copy)).isInstanceOf(CheckpointException.class).hasMessageContaining(
        "unexpected 'encoder.layer.1.");
    Files.writeString(copy.resolve("config.json"), config.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"));
    assertThatThrownBy(() -> HuggingFace.read(copy)).hasMessageContaining("missing 'encoder.layer.2.norm1.weight' [32]");
    Files.writeString(copy.resolve("config.json"), config.replace("\"mlp_ratio\": 4", "\"mlp_ratio\": 2"));
    assertThatThrownBy(() -> HuggingFace.read(copy)).hasMessageContaining("must have shape [64, 32], found [128, 32]");
  }

  @Test
  void shouldRefuseOtherArchitectures() throws IOException {
    Path copy = copy(Shared.path("models/import/tiny-dinov2"));
    Files.writeString(copy.resolve("config.json"), "{\"model_type\": \"swin\"}");
    assertThatThrownBy(() -> HuggingFace.read(copy)).hasMessageContaining("'swin'").hasMessageContaining("dinov2_with_registers");
    assertThatThrownBy(() -> HuggingFace.read(folder)).hasMessageContaining("expected config.json");
  }

  @Test
  void shouldRefuseAnImageSizeThatIsNoMultipleOfThePatch() {
    HuggingFace checkpoint = HuggingFace.read(Shared.path("models/import/tiny-dinov2"));
    assertThatThrownBy(() -> checkpoint.encoder(60, false)).hasMessageContaining("multiple of the patch size, 14 pixels; found 60");
  }

  private Bundle write(EncoderGraph encoder) {
    AggregatorGraph mean =
        AggregatorGraph.of(new MeanAggregator(encoder.dimension()), Parameters.random(0), encoder.tokens(), false,
            Map.of("aggregator", "mean"));
    return BundleWriter.write(new BundleDraft("imported", "Imported in a test.", encoder, mean), folder.resolve("bundle"), true);
  }

  private Path copy(Path checkpoint) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    for (String name : new String[] {"config.json", "model.safetensors", "preprocessor_config.json"}) {
      Files.write(copy.resolve(name), Files.readAllBytes(checkpoint.resolve(name)));
    }
    return copy;
  }
}
