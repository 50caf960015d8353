package io.accrete.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.model.Aggregator;
import io.accrete.model.MeanAggregator;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
  private static final int D = 16;
  private static final int SIZE = 16;
  private static final int TOKENS = 6;

  @TempDir private static Path folder;

  @BeforeAll
  static void write() {
    write("mean", new MeanAggregator(D));
    for (MileConfig.Mode mode : MileConfig.Mode.values()) {
      write(mode.name(), new MileAggregator(new MileConfig(mode, true, D, 2, 1, 4, false, false)));
    }
  }

  @Test
  void shouldFoldTheMeanOfUnitLengthImages() {
    try (Model model = load("mean")) {
      float[][] tokens = model.encode(images(9, 1));
      double[] mean = new double[D];
      float[] state = null;
      for (int i = 0; i < tokens.length; i++) {
        float[] cls = Arrays.copyOf(tokens[i], D);
        double length = length(cls);
        for (int j = 0; j < D; j++) {
          mean[j] += (cls[j] / length - mean[j]) / (i + 1);
        }
        Folded folded = model.fold(state, tokens[i], i);
        state = folded.state();
        assertClose(state, mean, 1e-6);
        double meanLength = Math.sqrt(Arrays.stream(mean).map(v -> v * v).sum());
        assertClose(folded.embedding(), Arrays.stream(mean).map(v -> v / meanLength).toArray(), 1e-6);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "CLS", "REGISTERS", "PATCHES"})
  void shouldFoldEachRowOfABatchForItself(String name) {
    try (Model model = load(name)) {
      Random random = new Random(2);
      int length = model.shapes().stateTokens() * D;
      float[][] tokens = model.encode(images(5, 3));
      List<float[]> states = new ArrayList<>(Arrays.asList(null, vector(random, length), vector(random, length), null,
          vector(random, length)));
      long[] counts = {0, 1, 7, 0, 100};
      List<Folded> together = model.fold(states, List.of(tokens), counts);
      for (int i = 0; i < counts.length; i++) {
        Folded alone = model.fold(states.get(i), tokens[i], counts[i]);
        assertThat(together.get(i).state()).containsExactly(alone.state(), within(1e-5f));
        assertThat(together.get(i).embedding()).containsExactly(alone.embedding(), within(1e-5f));
        assertThat(length(together.get(i).embedding())).isCloseTo(1, within(1e-5));
      }
      // Other rows change, this one does not.
      float[][] others = tokens.clone();
      others[0] = tokens[4];
      assertThat(model.fold(states, List.of(others), counts).get(2).state()).containsExactly(together.get(2).state());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "CLS", "REGISTERS", "PATCHES"})
  void shouldStartWithTheImageItself(String name) {
    try (Model model = load(name)) {
      float[] tokens = model.encode(images(1, 4))[0];
      float[] cls = Arrays.copyOf(tokens, D);
      double length = length(cls);
      double[] unit = new double[D];
      Arrays.setAll(unit, i -> cls[i] / length);
      Folded first = model.fold(null, tokens, 0);
      assertClose(first.embedding(), unit, 1e-6);
      if (!name.equals("mean")) {
        assertThat(first.state()).containsExactly(Arrays.copyOf(tokens, model.shapes().stateTokens() * D));
      }
    }
  }

  @Test
  void shouldEncodeAnImageAlikeAloneAndInABatch() {
    try (Model model = load("mean")) {
      List<byte[]> images = images(7, 5);
      float[][] together = model.encode(images);
      assertThat(together).hasDimensions(7, TOKENS * D);
      assertThat(model.encode(images)).isDeepEqualTo(together);
      for (int i = 0; i < together.length; i++) {
        assertThat(model.encode(List.of(images.get(i)))[0]).containsExactly(together[i], within(1e-5f));
      }
      assertThat(model.encode(List.of())).isEmpty();
    }
  }

  @Test
  void shouldRefuseWrongArguments() {
    try (Model model = load("mean")) {
      assertThatThrownBy(() -> model.encode(List.of(new byte[7]))).hasMessageContaining("must have 768 values; found 7");
      float[] tokens = new float[TOKENS * D];
      assertThatThrownBy(() -> model.fold(null, tokens, 2)).hasMessageContaining("found count 2 without a state");
      assertThatThrownBy(() -> model.fold(new float[D], tokens, 0)).hasMessageContaining("found count 0 with a state");
      assertThatThrownBy(() -> model.fold(null, new float[3], 0)).hasMessageContaining("found 3");
      assertThat(model.fold(null, tokens, 0).embedding()).containsOnly(0f);
    }
  }

  @Test
  void shouldFallBackToTheCpuOrSayWhatCudaNeeds() {
    Bundle bundle = Bundle.read(folder.resolve("mean"));
    try (Model model = Model.load(bundle, new RuntimeOptions(Device.AUTO, 1))) {
      assertThat(model.deviceReason()).isNotBlank();
      if (model.device() == Device.CPU) {
        assertThat(model.deviceReason()).contains("CUDA");
        assertThatThrownBy(() -> Model.load(bundle, new RuntimeOptions(Device.CUDA, 1)))
            .isInstanceOf(ModelException.class).hasMessageContaining("mvn -Pcuda").hasMessageContaining("device=cpu");
      }
    }
  }

  @Test
  void shouldStayOpenWhileLeased() {
    Model model = load("mean");
    Model.Lease lease = model.acquire();
    model.close();
    assertThatThrownBy(() -> model.encode(images(1, 6))).isInstanceOf(IllegalStateException.class).hasMessageContaining("was closed");
    lease.close();
    lease.close();
    model.close();
  }

  @Test
  void shouldSurviveBeingClosedUnderRunningCalls() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 25; round++) {
        Model model = load("PATCHES");
        List<byte[]> images = images(2, round);
        CountDownLatch running = new CountDownLatch(4);
        List<Future<Integer>> calls = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
          calls.add(pool.submit(() -> callUntilClosed(model, images, running)));
        }
        running.await();
        model.close();
        for (Future<Integer> call : calls) {
          assertThat(call.get()).isPositive();
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static int callUntilClosed(Model model, List<byte[]> images, CountDownLatch running) {
    int calls = 0;
    try {
      while (true) {
        float[][] tokens = model.encode(images);
        model.fold(null, tokens[0], 0);
        if (calls++ == 0) {
          running.countDown();
        }
      }
    } catch (IllegalStateException closed) {
      return calls;
    }
  }

  private static void write(String name, Aggregator aggregator) {
    VitConfig config = new VitConfig(new Stem.Patch(8), D, 2, 2, 32, 1, 2, true, true, false, false, false, true, 1e-6f);
    EncoderGraph encoder = EncoderGraph.of(new Vit(config), Parameters.random(11), Preprocessing.imageNet(SIZE, SIZE), false, Map.of());
    AggregatorGraph graph = AggregatorGraph.of(aggregator, Parameters.random(12), encoder.tokens(), false, Map.of());
    BundleWriter.write(new BundleDraft(name, "Only for tests.", encoder, graph), folder.resolve(name), false);
  }

  private static Model load(String name) {
    return Model.load(Bundle.read(folder.resolve(name)), new RuntimeOptions(Device.CPU, 2));
  }

  private static List<byte[]> images(int count, long seed) {
    Random random = new Random(seed);
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] image = new byte[SIZE * SIZE * 3];
      random.nextBytes(image);
      images.add(image);
    }
    return images;
  }

  private static float[] vector(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double length(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  private static void assertClose(float[] found, double[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(tolerance));
    }
    assertThat(found).hasSize(expected.length);
  }
}
