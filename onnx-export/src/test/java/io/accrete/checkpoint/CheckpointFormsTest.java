package io.accrete.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.util.RawValue;
import io.accrete.bundle.EncoderGraph;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.Tensors;
import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointFormsTest {
  private static final int D = SmallCheckpoint.D;

  @TempDir private Path folder;
  private final SmallCheckpoint checkpoint = SmallCheckpoint.vit();

  @Test
  void shouldReadSeveralFilesLikeOne() throws IOException {
    assertThat(weights(checkpoint.writeSharded(folder.resolve("several")))).isEqualTo(plain()).hasSize(18);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit.", "backbone."})
  void shouldFindTheBackboneOfAModelWithAHead(String prefix) throws IOException {
    Map<String, Tensor> plain = plain();
    checkpoint.random("pooler.dense.weight", D, D);
    checkpoint.random("embeddings.mask_token", 1, 1, D);
    checkpoint.prefix(prefix);
    checkpoint.random("classifier.weight", 10, D);
    assertThat(weights(checkpoint.write(folder.resolve("prefixed"), "F32"))).isEqualTo(plain);
    checkpoint.random(prefix + "encoder.layer.0.extra", D);
    assertThatThrownBy(() -> weights(checkpoint.write(folder.resolve("prefixed"), "F32"))).isInstanceOf(CheckpointException.class)
        .hasMessageContaining("unexpected '" + prefix + "encoder.layer.0.extra' [8]");
  }

  @ParameterizedTest
  @CsvSource({"F16, 0x1p-11", "BF16, 0x1p-7"})
  void shouldReadHalfPrecision(String type, double relative) throws IOException {
    Map<String, Tensor> plain = plain();
    Map<String, Tensor> half = weights(checkpoint.write(folder.resolve("half"), type));
    assertThat(half.keySet()).isEqualTo(plain.keySet());
    plain.forEach((name, tensor) -> {
      for (int i = 0; i < tensor.values().length; i++) {
        float value = tensor.values()[i];
        assertThat(half.get(name).values()[i]).isCloseTo(value, offset((float) (Math.abs(value) * relative + 1e-7)));
      }
    });
  }

  @Test
  void shouldDoWithoutBiasesOfQueryKeyAndValue() throws IOException {
    checkpoint.config.put("qkv_bias", false);
    List.of("query", "key", "value").forEach(part -> checkpoint.tensors.remove("encoder.layer.0.attention.attention." + part + ".bias"));
    assertThat(weights(checkpoint.write(folder.resolve("unbiased"), "F32"))).containsKey("blocks.0.attn.qkv.weight")
        .doesNotContainKey("blocks.0.attn.qkv.bias");
  }

  @Test
  void shouldComputeTheGatedNetworkOfDinov2() throws IOException {
    SmallCheckpoint gated = SmallCheckpoint.gatedDinov2();
    // Without attention the CLS token meets nothing but the gated network and the norms.
    gated.tensors.put("encoder.layer.0.layer_scale1.lambda1", new Tensor(new float[D], D));
    EncoderGraph encoder = HuggingFace.read(gated.write(folder.resolve("gated"), "F32")).encoder(0, false);
    float[] tokens;
    try (GraphRun run = GraphRun.of(encoder.model())) {
      tokens = Tensors.toTensor(run.run(List.of(Tensors.bytes("pixel_values", new byte[8 * 8 * 3], 1, 8, 8, 3))).get("tokens")).values();
    }
    assertThat(Arrays.copyOf(tokens, D)).containsExactly(gatedByHand(gated.tensors), offset(1e-5f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gelu_new", "gelu_pytorch_tanh", "quick_gelu", "relu"})
  void shouldRefuseOtherActivations(String activation) throws IOException {
    checkpoint.config.put("hidden_act", activation);
    assertRefused("asks for the activation '" + activation + "'; only gelu (exact)");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "patch_size | 0 | 'patch_size' must be a whole number from 1 to",
      "image_size | 2 | 'image_size' must be a whole number from 4 to",
      "image_size | [8, 8] | 'image_size' must be a whole number from 4 to 65536; found [8,8]",
      "hidden_size | 1e99 | 'hidden_size' must be",
      "num_attention_heads | 3 | config.json: The number of heads must divide the dimension; found 3 heads and dimension 8",
      "num_channels | 1 | a model for 1 colour channels; expected 3"})
  void shouldNameWhatIsWrongWithTheConfiguration(String key, String value, String message) throws IOException {
    checkpoint.config.putRawValue(key, new RawValue(value));
    assertRefused(message);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "{} | names no files; expected them in 'weight_map'",
      "{\"weight_map\": {\"a\": \"../model.safetensors\"}} | names '../model.safetensors'; expected safetensors files beside it",
      "{\"weight_map\": {\"a\": \"gone.safetensors\"}} | gone.safetensors: the file does not exist"})
  void shouldRefuseAnIndexThatLeadsNowhere(String index, String message) throws IOException {
    Path path = folder.resolve("index");
    checkpoint.describe(path);
    Files.writeString(path.resolve("model.safetensors.index.json"), index);
    assertThatThrownBy(() -> HuggingFace.read(path)).isInstanceOf(CheckpointException.class).hasMessageContaining(message);
  }

  private void assertRefused(String message) throws IOException {
    Path path = checkpoint.write(folder.resolve("refused"), "F32");
    assertThatThrownBy(() -> HuggingFace.read(path)).isInstanceOf(CheckpointException.class).hasMessageContaining(message);
  }

  private Map<String, Tensor> plain() throws IOException {
    return weights(checkpoint.write(folder.resolve("plain"), "F32"));
  }

  private static Map<String, Tensor> weights(Path path) {
    return HuggingFace.read(path).weights().tensors();
  }

  private static float[] gatedByHand(Map<String, Tensor> tensors) {
    String block = "encoder.layer.0.";
    double[] x = new double[D];
    Arrays.setAll(x, i -> (double) tensors.get("embeddings.cls_token").values()[i]
        + tensors.get("embeddings.position_embeddings").values()[i]);
    double[] both = linear(tensors, block + "mlp.weights_in", norm(tensors, block + "norm2", x));
    double[] hidden = new double[both.length / 2];
    Arrays.setAll(hidden, i -> both[i] / (1 + Math.exp(-both[i])) * both[hidden.length + i]);
    double[] out = linear(tensors, block + "mlp.weights_out", hidden);
    Arrays.setAll(out, i -> x[i] + tensors.get(block + "layer_scale2.lambda1").values()[i] * out[i]);
    double[] normed = norm(tensors, "layernorm", out);
    float[] result = new float[D];
    for (int i = 0; i < D; i++) {
      result[i] = (float) normed[i];
    }
    return result;
  }

  private static double[] linear(Map<String, Tensor> tensors, String name, double[] x) {
    Tensor weight = tensors.get(name + ".weight");
    double[] y = new double[weight.shape()[0]];
    for (int o = 0; o < y.length; o++) {
      y[o] = tensors.get(name + ".bias").values()[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += weight.values()[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  private static double[] norm(Map<String, Tensor> tensors, String name, double[] x) {
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(value -> (value - mean) * (value - mean)).average().orElseThrow();
    double[] y = new double[x.length];
    Arrays.setAll(y, i -> (x[i] - mean) / Math.sqrt(variance + 1e-6) * tensors.get(name + ".weight").values()[i]
        + tensors.get(name + ".bias").values()[i]);
    return y;
  }
}
