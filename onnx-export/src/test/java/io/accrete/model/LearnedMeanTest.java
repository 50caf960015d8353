package io.accrete.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.model.LearnedMeanConfig.Weighting;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.Tensors;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Tensor;
import io.accrete.testing.OnnxChecker;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearnedMeanTest {
  private static final int D = 8;
  private static final int REGISTERS = 1;
  private static final int PATCHES = 3;
  private static final int TOKENS = 1 + REGISTERS + PATCHES;
  private static final int IMAGES = 12;

  @TempDir private Path folder;

  static Stream<LearnedMeanConfig> variants() {
    return Stream.of(false, true).flatMap(adapter -> Stream.of(Weighting.values()).flatMap(weighting -> Stream.of(
        config(adapter, weighting, false, 0), config(adapter, weighting, true, 0), config(adapter, weighting, true, 2))));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void shouldStartAsTheMean(LearnedMeanConfig config) {
    Folded learned = fold(new LearnedMeanAggregator(config), Parameters.random(3), images(1));
    Folded mean = fold(new MeanAggregator(D), Parameters.random(3), images(1));
    for (int i = 0; i < IMAGES; i++) {
      assertThat(Tensors.largestError(mean.embeddings[i], learned.embeddings[i])).isLessThanOrEqualTo(1e-6);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void shouldPassTheCheckerAndLearnWithEveryPart(LearnedMeanConfig config) {
    Path file = folder.resolve("aggregator.onnx");
    OnnxFile.write(graph(new LearnedMeanAggregator(config), trained(4)), file);
    OnnxChecker.check(file);
    Tensor learned = fold(new LearnedMeanAggregator(config), trained(4), images(1)).embeddings[IMAGES - 1];
    Tensor plain = fold(new LearnedMeanAggregator(config(config.adapter(), Weighting.NONE, false, 0)), trained(4), images(1))
        .embeddings[IMAGES - 1];
    boolean more = config.weighted() || config.residual();
    assertThat(Tensors.largestError(plain, learned) > 1e-3).isEqualTo(more);
    Tensor mean = fold(new MeanAggregator(D), trained(4), images(1)).embeddings[IMAGES - 1];
    assertThat(Tensors.largestError(mean, learned) > 1e-3).isEqualTo(more || config.adapter());
  }

  @Test
  void shouldBeTheWeightedMeanOfAdaptedImages() {
    Aggregator aggregator = new LearnedMeanAggregator(config(true, Weighting.QUALITY, false, 0));
    float[][] images = images(2);
    double[] sum = new double[D];
    double weights = 0;
    double smallest = Double.MAX_VALUE;
    double largest = 0;
    for (float[] image : images) {
      Tensor state = fold(aggregator, trained(5), image).states[0];
      double weight = state.values()[D];
      weights += weight;
      smallest = Math.min(smallest, weight);
      largest = Math.max(largest, weight);
      for (int i = 0; i < D; i++) {
        sum[i] += weight * state.values()[i];
      }
    }
    assertThat(largest).isGreaterThan(2 * smallest);
    Tensor found = fold(aggregator, trained(5), images).states[IMAGES - 1];
    for (int i = 0; i < D; i++) {
      assertThat(found.values()[i]).isCloseTo((float) (sum[i] / weights), within(1e-5f));
      assertThat(found.values()[D + i]).isCloseTo((float) weights, within((float) (1e-5 * weights)));
    }
  }

  @Test
  void shouldCountAnImageLessThatDisagrees() {
    Parameters slope = (name, init, shape) ->
        name.equals("quality.agreement") ? new Tensor(new float[] {3}) : Parameters.random(6).get(name, init, shape);
    float[] image = images(3)[0];
    float[] opposite = image.clone();
    for (int i = 0; i < opposite.length; i++) {
      opposite[i] = -opposite[i];
    }
    Aggregator aggregator = new LearnedMeanAggregator(config(false, Weighting.AGREEMENT, false, 0));
    assertThat(weight(fold(aggregator, slope, image, image), 1)).isCloseTo(1, within(1e-5));
    assertThat(weight(fold(aggregator, slope, image, opposite), 1)).isCloseTo(Math.exp(4 * Math.tanh(-6 / 4.0)), within(1e-5));
  }

  @Test
  void shouldKeepTheResidualBoundedHoweverManyImagesThereAre() {
    Aggregator aggregator = new LearnedMeanAggregator(config(false, Weighting.NONE, true, 1));
    float[] image = images(4)[0];
    float[][] same = new float[200][];
    Arrays.fill(same, image);
    Folded folded = fold(aggregator, trained(7), same);
    assertThat(largest(folded.states[199])).isLessThan(2 * largest(folded.states[0]) + 1);
  }

  @Test
  void shouldRefuseMemoryWithoutAResidual() {
    assertThatThrownBy(() -> config(true, Weighting.NONE, false, 1)).hasMessageContaining("found 1 and no residual");
    assertThatThrownBy(() -> new LearnedMeanConfig(D, 3, 0, 0, true, Weighting.NONE, false, 0)).hasMessageContaining("3 heads");
  }

  private static double weight(Folded folded, int image) {
    return folded.states[image].values()[D] - folded.states[image - 1].values()[D];
  }

  private static float largest(Tensor tensor) {
    float largest = 0;
    for (float value : tensor.values()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static LearnedMeanConfig config(boolean adapter, Weighting weighting, boolean residual, int memory) {
    return new LearnedMeanConfig(D, 2, REGISTERS, PATCHES, adapter, weighting, residual, memory);
  }

  /** Weights of which none is such that its part has no effect. */
  private static Parameters trained(long seed) {
    return (name, init, shape) -> Parameters.random(seed).get(name, Init.truncatedNormal(0.5), shape);
  }

  private static float[][] images(long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, IMAGES).mapToObj(i -> {
      float[] image = new float[TOKENS * D];
      for (int j = 0; j < image.length; j++) {
        image[j] = (float) random.nextGaussian();
      }
      return image;
    }).toArray(float[][]::new);
  }

  private static ModelProto graph(Aggregator aggregator, Parameters parameters) {
    return AggregatorGraph.of(aggregator, parameters, TOKENS, false, Map.of()).model();
  }

  private record Folded(Tensor[] states, Tensor[] embeddings) {}

  private static Folded fold(Aggregator aggregator, Parameters parameters, float[]... images) {
    int s = aggregator.stateTokens();
    float[] state = new float[s * D];
    Arrays.fill(state, Float.NaN); // the first image must not see it
    Folded folded = new Folded(new Tensor[images.length], new Tensor[images.length]);
    try (GraphRun run = GraphRun.of(graph(aggregator, parameters))) {
      for (int i = 0; i < images.length; i++) {
        Map<String, TensorProto> out = run.run(List.of(Tensors.floats("state", state, 1, s, D),
            Tensors.floats("tokens", images[i], 1, TOKENS, D), Tensors.longs("count", i)));
        folded.states[i] = Tensors.toTensor(out.get("next_state"));
        folded.embeddings[i] = Tensors.toTensor(out.get("embedding"));
        state = folded.states[i].values();
      }
    }
    return folded;
  }
}
