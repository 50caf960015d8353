package io.accrete.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.Tensors;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Tensor;
import io.accrete.testing.OnnxChecker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsensusTest {
  private static final int D = 8;
  private static final int REGISTERS = 1;
  private static final int PATCHES = 3;
  private static final int TOKENS = 1 + REGISTERS + PATCHES;
  private static final int IMAGES = 30;

  private static final float[] COMMON = {1, 1, 1, 1, 0, 0, 0, 0};
  private static final Parameters NOTHING_LEARNED = (name, init, shape) -> {
    throw new AssertionError("Expected no parameters, found " + name);
  };

  @TempDir private Path folder;

  @Test
  void shouldPassTheCheckerAndLearnWithTheAdapter() {
    Path file = folder.resolve("aggregator.onnx");
    OnnxFile.write(graph(aggregator(true, 4), trained(4)), file);
    OnnxChecker.check(file);
    Tensor plain = last(fold(aggregator(false, 4), NOTHING_LEARNED, images(1)));
    Tensor fresh = last(fold(aggregator(true, 4), Parameters.random(3), images(1)));
    Tensor adapted = last(fold(aggregator(true, 4), trained(4), images(1)));
    assertThat(Tensors.largestError(plain, fresh)).isLessThan(1e-6);
    assertThat(Tensors.largestError(plain, adapted)).isGreaterThan(1e-3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 40})
  void shouldBeTheMeanOfImagesThatAgree(int exemplars) {
    Random random = new Random(4);
    float[][] images = IntStream.range(0, IMAGES).mapToObj(i -> tokens(near(COMMON, random))).toArray(float[][]::new);
    Folded consensus = fold(aggregator(false, exemplars), NOTHING_LEARNED, images);
    Folded mean = fold(new MeanAggregator(D), NOTHING_LEARNED, images);
    for (int i = 0; i < IMAGES; i++) {
      assertThat(Tensors.largestError(mean.embeddings[i], consensus.embeddings[i])).isLessThanOrEqualTo(1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void shouldKeepWhatIsFarApartAndJoinWhatIsNear(int exemplars) {
    float[][] images = images(2);
    Folded folded = fold(aggregator(false, exemplars), NOTHING_LEARNED, images);
    List<double[]> state = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      add(state, unit(cls(images[i])), exemplars);
      for (int slot = 0; slot < exemplars; slot++) {
        for (int d = 0; d < D; d++) {
          assertThat((double) folded.states[i].values()[slot * D + d]).as("image %d, exemplar %d", i, slot)
              .isCloseTo(slot < state.size() ? state.get(slot)[d] : 0, within(1e-5));
        }
      }
      double[] expected = consensus(state);
      for (int d = 0; d < D; d++) {
        assertThat((double) folded.embeddings[i].values()[d]).isCloseTo(expected[d], within(1e-5));
      }
    }
  }

  @Test
  void shouldOverruleAForeignImageWhereverItStands() {
    Random random = new Random(3);
    float[] foreign = tokens(new float[] {0, 0, 0, 0, 1, 1, 1, 1});
    float[][] own = IntStream.range(0, 3).mapToObj(i -> tokens(near(COMMON, random))).toArray(float[][]::new);
    double[] aim = unit(COMMON);
    double mean = cosine(aim, last(fold(new MeanAggregator(D), NOTHING_LEARNED, foreign, own[0], own[1], own[2])));
    Tensor first = last(fold(aggregator(false, 4), NOTHING_LEARNED, foreign, own[0], own[1], own[2]));
    Tensor amid = last(fold(aggregator(false, 4), NOTHING_LEARNED, own[0], foreign, own[1], own[2]));
    Tensor end = last(fold(aggregator(false, 4), NOTHING_LEARNED, own[0], own[1], own[2], foreign));
    assertThat(cosine(aim, first)).isGreaterThan(mean + 0.02);
    assertThat(Tensors.largestError(first, amid)).isLessThan(1e-6);
    assertThat(Tensors.largestError(first, end)).isLessThan(1e-6);
  }

  @Test
  void shouldStayFiniteWithImagesThatAreTheSameOrOpposite() {
    float[] image = images(5)[0];
    float[] opposite = image.clone();
    for (int i = 0; i < opposite.length; i++) {
      opposite[i] = -opposite[i];
    }
    float[][] images = new float[20][];
    Arrays.setAll(images, i -> i % 2 == 0 ? image : opposite);
    for (Tensor embedding : fold(aggregator(false, 3), NOTHING_LEARNED, images).embeddings) {
      for (float value : embedding.values()) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void shouldRefuseShapesThatMakeNoSense() {
    assertThatThrownBy(() -> new ConsensusConfig(D, 1, 0, 0, true, 0)).hasMessageContaining("at least 1 exemplar, found 0");
    assertThatThrownBy(() -> new ConsensusConfig(D, 3, 0, 0, true, 4)).hasMessageContaining("3 heads");
    assertThatThrownBy(() -> new ConsensusConfig(D, 2, -1, 0, true, 4)).hasMessageContaining("found -1 and 0");
  }

  /** The rule as it is told, in plain words. */
  private static void add(List<double[]> state, double[] image, int exemplars) {
    state.add(image);
    if (state.size() <= exemplars) {
      return;
    }
    int left = 0;
    int right = 1;
    for (int i = 0; i < state.size(); i++) {
      for (int j = i + 1; j < state.size(); j++) {
        if (cosine(state.get(i), state.get(j)) > cosine(state.get(left), state.get(right))) {
          left = i;
          right = j;
        }
      }
    }
    double[] joined = sum(state.get(left), state.get(right));
    double[] last = state.remove(exemplars);
    if (right < exemplars) {
      state.set(right, last);
    }
    state.set(left, joined);
  }

  private static double[] consensus(List<double[]> state) {
    double[] total = state.stream().reduce(new double[D], ConsensusTest::sum);
    double[] agreement = state.stream().mapToDouble(s -> (dot(unit(s), total) - 1) / (length(total) + 1)).toArray();
    double mass = state.stream().mapToDouble(ConsensusTest::length).sum();
    double usual = IntStream.range(0, state.size()).mapToDouble(k -> length(state.get(k)) * agreement[k]).sum() / mass;
    double[] embedding = new double[D];
    for (int k = 0; k < state.size(); k++) {
      double weight = Math.exp(-10 * Math.max(0, usual / 2 - agreement[k]));
      for (int d = 0; d < D; d++) {
        embedding[d] += weight * state.get(k)[d];
      }
    }
    return unit(embedding);
  }

  private static double[] sum(double[] a, double[] b) {
    return IntStream.range(0, D).mapToDouble(d -> a[d] + b[d]).toArray();
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, D).mapToDouble(d -> a[d] * b[d]).sum();
  }

  private static double length(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static double cosine(double[] a, double[] b) {
    return dot(unit(a), unit(b));
  }

  private static double cosine(double[] a, Tensor b) {
    return dot(unit(a), unit(b.values()));
  }

  private static double[] unit(double[] vector) {
    return Arrays.stream(vector).map(value -> value / length(vector)).toArray();
  }

  private static double[] unit(float[] vector) {
    return unit(IntStream.range(0, D).mapToDouble(d -> vector[d]).toArray());
  }

  private static float[] cls(float[] tokens) {
    return Arrays.copyOf(tokens, D);
  }

  private static float[] near(float[] vector, Random random) {
    float[] near = vector.clone();
    for (int d = 0; d < D; d++) {
      near[d] += (float) (0.2 * random.nextGaussian());
    }
    return near;
  }

  /** The tokens of an image with this CLS. */
  private static float[] tokens(float[] cls) {
    return Arrays.copyOf(cls, TOKENS * D);
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

  private static Aggregator aggregator(boolean adapter, int exemplars) {
    return new ConsensusAggregator(new ConsensusConfig(D, 2, REGISTERS, PATCHES, adapter, exemplars));
  }

  /** Weights of which none is such that its part has no effect. */
  private static Parameters trained(long seed) {
    return (name, init, shape) -> Parameters.random(seed).get(name, Init.truncatedNormal(0.5), shape);
  }

  private static ModelProto graph(Aggregator aggregator, Parameters parameters) {
    return AggregatorGraph.of(aggregator, parameters, TOKENS, false, Map.of()).model();
  }

  private record Folded(Tensor[] states, Tensor[] embeddings) {}

  private static Tensor last(Folded folded) {
    return folded.embeddings[folded.embeddings.length - 1];
  }

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
