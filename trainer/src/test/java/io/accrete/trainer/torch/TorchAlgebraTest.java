package io.accrete.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchAlgebraTest {
  private static final int SIZE = 32;
  private static final int IMAGES = 3;

  private final Random random = new Random(5);

  @TempDir private Path directory;

  @Test
  void shouldGiveTheTokensOfTheExportedEncoder() {
    Vit vit = new Vit(VitConfig.plain(new Stem.Convolutional(List.of(16, 32), 1), SIZE, 32, 2, 2));
    Preprocessing preprocessing = Preprocessing.imageNet(SIZE, SIZE);
    try (PointerScope scope = new PointerScope();
        TorchParameters parameters = TorchParameters.of(random(), true, a -> vit.tokens(a, torch.zeros(1, 3, SIZE, SIZE), SIZE));
        Model model = Model.load(exported(vit, preprocessing, parameters), RuntimeOptions.cpu())) {
      byte[] pixels = new byte[IMAGES * SIZE * SIZE * 3];
      random.nextBytes(pixels);
      TorchAlgebra algebra = new TorchAlgebra(parameters);
      Tensor normalized = EncoderGraph.normalize(algebra, Tensors.bytes(pixels, IMAGES, SIZE, SIZE, 3), preprocessing);
      float[] tokens = Tensors.floats(vit.tokens(algebra, normalized, SIZE));

      float[] served = concat(model.encode(images(pixels)));
      assertThat(largestDifference(tokens, served)).isLessThan(1e-4f);
    }
  }

  @Test
  void shouldFoldAsTheExportedAggregatorDoes() {
    Vit vit = new Vit(VitConfig.plain(new Stem.Patch(8), SIZE, 32, 1, 2));
    MileAggregator aggregator = aggregator();
    try (PointerScope scope = new PointerScope();
        TorchParameters encoder = TorchParameters.of(random(), true, a -> vit.tokens(a, torch.zeros(1, 3, SIZE, SIZE), SIZE));
        TorchParameters folding = TorchParameters.of(random(), true, a -> aggregator.step(a, torch.zeros(1, 1, 32), torch.zeros(1, 17, 32),
            torch.ones(1)));
        Model model = Model.load(exported(vit, Preprocessing.imageNet(SIZE, SIZE), encoder, folding), RuntimeOptions.cpu())) {
      TorchAlgebra algebra = new TorchAlgebra(folding);
      Tensor state = torch.zeros(1, 1, 32);
      float[] servedState = null;
      for (int count = 0; count < 4; count++) {
        float[] tokens = new float[17 * 32];
        for (int i = 0; i < tokens.length; i++) {
          tokens[i] = (float) random.nextGaussian();
        }
        var step = aggregator.step(algebra, state, Tensor.create(tokens, 1, 17, 32), torch.tensor(new long[] {count}));
        state = step.state();
        var served = model.fold(servedState, tokens, count);
        servedState = served.state();
        assertThat(largestDifference(Tensors.floats(state), served.state())).isLessThan(1e-4f);
        assertThat(largestDifference(Tensors.floats(step.embedding()), served.embedding())).isLessThan(1e-4f);
      }
    }
  }

  @Test
  void shouldPutGradientsIntoOneTensor() {
    try (PointerScope scope = new PointerScope();
        TorchParameters parameters = TorchParameters.of(Parameters.random(1), true, a -> {
          a.parameter("bias", Init.ZEROS, 2);
          a.parameter("weight", Init.ONES, 2, 3);
        })) {
      assertThat(parameters.size()).isEqualTo(8);
      assertThat(parameters.matrices()).isEqualTo(6);
      TorchAlgebra algebra = new TorchAlgebra(parameters);
      for (int time = 0; time < 2; time++) { // gradients add up until they are set to zero
        algebra.linear(Tensor.create(new float[] {1, 2, 3}, 1, 3), algebra.parameter("weight", Init.ONES, 2, 3),
            algebra.parameter("bias", Init.ZEROS, 2)).sum().backward();
      }
      assertThat(Tensors.floats(parameters.gradient())).containsExactly(2, 4, 6, 2, 4, 6, 2, 2);
      try (NoGradGuard none = new NoGradGuard()) {
        parameters.values().add_(new Scalar(1));
      }
      assertThat(parameters.weights().get("weight", Init.ONES, 2, 3).values()).containsOnly(2);
      assertThatThrownBy(() -> parameters.get("weight", Init.ONES, 3, 2)).hasMessageContaining("shape [3, 2], found [2, 3]");
    }
  }

  private Bundle exported(Vit vit, Preprocessing preprocessing, TorchParameters encoder) {
    try (PointerScope scope = new PointerScope();
        TorchParameters folding = TorchParameters.of(random(), false, a -> aggregator().step(a, torch.zeros(1, 1, 32),
            torch.zeros(1, 17, 32), torch.ones(1)))) {
      EncoderGraph graph = EncoderGraph.of(vit, encoder.weights(), preprocessing, false, Map.of());
      MileAggregator aggregator = new MileAggregator(
          new MileConfig(MileConfig.Mode.CLS, false, 32, 2, 0, graph.tokens() - 1, false, false));
      return BundleWriter.write(new BundleDraft("test", "", graph,
          AggregatorGraph.of(aggregator, folding.weights(), graph.tokens(), false, Map.of())), directory.resolve("bundle"), true);
    }
  }

  private Bundle exported(Vit vit, Preprocessing preprocessing, TorchParameters encoder, TorchParameters folding) {
    EncoderGraph graph = EncoderGraph.of(vit, encoder.weights(), preprocessing, false, Map.of());
    return BundleWriter.write(new BundleDraft("test", "", graph,
        AggregatorGraph.of(aggregator(), folding.weights(), graph.tokens(), false, Map.of())), directory.resolve("folding"), true);
  }

  private static MileAggregator aggregator() {
    return new MileAggregator(new MileConfig(MileConfig.Mode.PATCHES, true, 32, 2, 0, 16, false, false));
  }

  /** Larger values than training starts with, so that every part matters. */
  private static Parameters random() {
    return (name, init, shape) -> Parameters.random(3).get(name, name.endsWith("weight") && shape.length == 1 ? init
        : Init.truncatedNormal(0.15), shape);
  }

  private static List<byte[]> images(byte[] pixels) {
    int length = pixels.length / IMAGES;
    return IntStream.range(0, IMAGES).mapToObj(i -> Arrays.copyOfRange(pixels, i * length, (i + 1) * length))
        .toList();
  }

  private static float[] concat(float[][] rows) {
    float[] all = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, all, i * rows[i].length, rows[i].length);
    }
    return all;
  }

  private static float largestDifference(float[] a, float[] b) {
    assertThat(a).hasSameSizeAs(b);
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
