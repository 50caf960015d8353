package io.accrete.trainer.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.bundle.Preprocessing;
import io.accrete.image.RgbImage;
import io.accrete.model.Aggregator;
import io.accrete.model.MeanAggregator;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.torch.AdamW;
import io.accrete.trainer.torch.Autocast;
import io.accrete.trainer.torch.Lora;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.Tensors;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.trainer.torch.TorchParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MileObjectiveTest {
  private static final int D = 12;
  private static final int LARGE = 32;
  private static final int SMALL = 16;
  private static final MileSettings SETTINGS = MileSettings.standard(1000).withBatch(3, 3, 2, 2).withHead(16, 8, 20);

  private final PointerScope scope = new PointerScope();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Random random = new Random(11);

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    scope.close();
  }

  /** Beside the objective's own way: each sequence by itself, each pair of crops by itself. */
  @Test
  void shouldCompareEachCropWithTheOthersOfItsObject() {
    List<List<List<float[]>>> kept = tokens(5, 6);
    TorchParameters folding = folding(aggregator(16), 6);
    MileObjective<float[]> objective = overTokens(kept, folding, SETTINGS);
    MileBatch<float[]> batch = objective.batch(3);

    double[][][] globals = logits(batch.globals(), batch.objects(), objective, folding);
    double[][][] locals = logits(batch.locals(), batch.objects(), objective, folding);
    double sum = 0;
    int pairs = 0;
    for (int taught = 0; taught < 2; taught++) {
      for (int seen = 0; seen < 4; seen++) {
        if (seen != taught) {
          for (int object = 0; object < batch.objects(); object++) {
            sum += crossEntropy(globals[taught][object], seen < 2 ? globals[seen][object] : locals[seen - 2][object]);
          }
          pairs++;
        }
      }
    }
    Loss loss = objective.loss(batch, 0);

    assertThat(pairs).isEqualTo(6);
    assertThat(loss.value().item_double()).isCloseTo(sum / pairs / batch.objects(), within(1e-4));
    assertThat(loss.parts().get(Loss.TEACHER_ENTROPY).item_double()).isBetween(0.0, objective.possibleEntropy());
    assertThat(objective.possibleEntropy()).isEqualTo(Math.log(20));
    assertThat(loss.embeddings().sizes().vec().get()).containsExactly(3, D);
  }

  @Test
  void shouldTeachByAMovingAverageWithoutGradients() {
    MileObjective<byte[]> objective = overPixels(SETTINGS);
    float[] before = Tensors.floats(objective.state().get("teacher.encoder"));
    objective.loss(objective.batch(0), 0).value().backward();

    assertThat(objective.groups()).extracting(ParameterGroup::name).containsExactly("encoder", "aggregator", "head", "last layer");
    assertThat(objective.groups()).allSatisfy(
        group -> assertThat(group.parameters().gradient().abs().sum().item_double()).isPositive());
    try (NoGradGuard none = new NoGradGuard(); AdamW optimizer = new AdamW(objective.groups(), 0.9, 0.98)) {
      optimizer.step(SETTINGS.lastLayerFrozen(), 0.01, 0);
      objective.stepped(0);
    }
    for (ParameterGroup group : objective.groups()) {
      float[] taught = Tensors.floats(objective.state().get("teacher." + group.name()));
      float[] learned = Tensors.floats(group.parameters().values());
      if (group.name().equals("encoder")) {
        for (int i = 0; i < taught.length; i++) {
          assertThat(taught[i]).isCloseTo(0.996f * before[i] + 0.004f * learned[i], within(1e-6f));
        }
      }
      assertThat(taught).isNotEqualTo(learned);
    }
  }

  @Test
  void shouldKeepTheLastLayerAtFirst() {
    MileObjective<byte[]> objective = overPixels(SETTINGS);
    TorchParameters last = objective.groups().get(3).parameters();
    float[] before = Tensors.floats(last.values());
    try (AdamW optimizer = new AdamW(objective.groups(), 0.9, 0.98)) {
      step(objective, optimizer, SETTINGS.lastLayerFrozen() - 1);
      assertThat(Tensors.floats(last.values())).isEqualTo(before);
      step(objective, optimizer, SETTINGS.lastLayerFrozen());
      assertThat(Tensors.floats(last.values())).isNotEqualTo(before);
    }
  }

  @Test
  void shouldMoveTheCentreUnlessItIsSwitchedOff() {
    List<List<List<float[]>>> kept = tokens(5, 6);
    MileObjective<float[]> guarded = overTokens(kept, folding(aggregator(16), 6), SETTINGS);
    MileObjective<float[]> unguarded = overTokens(kept, folding(aggregator(16), 6), SETTINGS.withControls(false, false));

    double sharp = guarded.loss(guarded.batch(0), 0).parts().get(Loss.TEACHER_ENTROPY).item_double();
    double blunt = unguarded.loss(unguarded.batch(0), 0).parts().get(Loss.TEACHER_ENTROPY).item_double();

    assertThat(sharp).isLessThan(blunt);
    assertThat(Tensors.floats(guarded.state().get("centre"))).doesNotContain(0f);
    assertThat(Tensors.floats(unguarded.state().get("centre"))).containsOnly(0f);
  }

  @Test
  void shouldLearnInMixedPrecisionAlmostTheSame() {
    MileObjective<byte[]> objective = overPixels(SETTINGS);
    MileBatch<byte[]> batch = objective.batch(0);
    double exact = objective.loss(batch, 0).value().item_double();
    MileObjective<byte[]> mixed = overPixels(SETTINGS);

    double rounded = Autocast.with(true, () -> mixed.loss(batch, 0)).value().item_double();

    assertThat(rounded).isCloseTo(exact, within(0.03 * exact)).isNotEqualTo(exact);
  }

  @Test
  void shouldTrainLowRankAdditionsOfAnEncoder() {
    Vit vit = new Vit(VitConfig.plain(new Stem.Patch(8), LARGE, D, 1, 2));
    TorchParameters base = keep(TorchParameters.of(Parameters.random(3), true, a -> vit.tokens(a, torch.zeros(1, 3, LARGE, LARGE), LARGE)));
    float[] before = Tensors.floats(base.values());
    Lora.Shape shape = new Lora.Shape(2, 4, 0.1);
    Lora lora = new Lora(base, keep(Lora.fresh(base, shape, 5)), shape, 5);
    MileObjective<byte[]> objective = overPixels(PixelEncoder.lora(vit, lora, Preprocessing.imageNet(LARGE, LARGE)), SETTINGS);
    try (AdamW optimizer = new AdamW(objective.groups(), 0.9, 0.98)) {
      step(objective, optimizer, 0);
    }

    assertThat(Tensors.floats(base.values())).isEqualTo(before);
    assertThat(base.gradient().abs().sum().item_double()).isZero();
    String adapted = "blocks.0.attn.qkv.weight";
    assertThat(lora.merged().tensors().get(adapted)).isNotEqualTo(base.weights().tensors().get(adapted));
  }

  @Test
  void shouldTrainTheHeadAloneOverAnAggregatorWithoutParameters() {
    Aggregator mean = new MeanAggregator(D);
    MileObjective<float[]> objective = keep(new MileObjective<>(MileEncoder.ofTokens(17, D), new MileObjective.Size(LARGE, mean),
        new MileObjective.Size(LARGE, mean), folding(mean, 6), SETTINGS, 5, MileSets.ofTokens(tokens(5, 6), SETTINGS, 1)));

    objective.loss(objective.batch(0), 0).value().backward();

    assertThat(objective.groups()).extracting(ParameterGroup::name).containsExactly("head", "last layer");
  }

  /** Tensors of a step must go with it: neither JavaCPP's count of native objects nor the process's memory may grow. */
  @Test
  void shouldKeepMemoryFlatOverTenThousandSteps() {
    MileSettings settings = SETTINGS.withBatch(4, 2, 0, 1).withHead(16, 8, 256);
    MileObjective<float[]> objective = overTokens(tokens(10, 6), folding(aggregator(16), 6), settings);
    MileBatch<float[]> batch = objective.batch(0);
    try (AdamW optimizer = new AdamW(objective.groups(), 0.9, 0.98)) {
      train(objective, optimizer, batch, 1_000);
      resident(); // what compilers and the heap took at first goes back to the system
      train(objective, optimizer, batch, 1_000);
      long count = Pointer.totalCount();
      long bytes = resident();
      train(objective, optimizer, batch, 10_000);

      assertThat(Pointer.totalCount()).isEqualTo(count);
      assertThat(resident() - bytes).isLessThan(64L << 20); // two thousand floats kept in each step take more
    }
  }

  private static void train(MileObjective<float[]> objective, AdamW optimizer, MileBatch<float[]> batch, int steps) {
    for (int step = 0; step < steps; step++) {
      try (PointerScope each = new PointerScope()) {
        objective.loss(batch, step).value().backward();
        try (NoGradGuard none = new NoGradGuard()) {
          optimizer.step(step, 1e-4, 0.04);
          objective.stepped(step);
        }
      }
    }
  }

  /** Bytes of the process when the heap is as small as it gets. */
  private static long resident() {
    System.gc();
    return Pointer.physicalBytes();
  }

  private static <B> void step(Objective<B> objective, AdamW optimizer, long step) {
    objective.loss(objective.batch(step), step).value().backward();
    try (NoGradGuard none = new NoGradGuard()) {
      optimizer.step(step, 0.01, 0);
      objective.stepped(step);
    }
  }

  private MileObjective<float[]> overTokens(List<List<List<float[]>>> kept, TorchParameters folding, MileSettings settings) {
    MileObjective.Size size = new MileObjective.Size(LARGE, aggregator(16));
    return keep(new MileObjective<>(MileEncoder.ofTokens(17, D), size, size, folding, settings, 5, MileSets.ofTokens(kept, settings, 1)));
  }

  private MileObjective<byte[]> overPixels(MileSettings settings) {
    Vit vit = new Vit(VitConfig.plain(new Stem.Patch(8), LARGE, D, 1, 2));
    TorchParameters parameters = keep(TorchParameters.of(Parameters.random(3), true,
        a -> vit.tokens(a, torch.zeros(1, 3, LARGE, LARGE), LARGE)));
    return overPixels(PixelEncoder.full(vit, parameters, Preprocessing.imageNet(LARGE, LARGE)), settings);
  }

  private MileObjective<byte[]> overPixels(PixelEncoder encoder, MileSettings settings) {
    LongFunction<MileBatch<byte[]>> batches = MileSets.ofPhotos(IntStream.range(0, 4).mapToObj(object -> new PhotoObject("o" + object,
        IntStream.range(0, 3).mapToObj(photo -> noise(10 * object + photo)).toList())).toList(), LARGE, SMALL, settings, 1);
    return keep(new MileObjective<>(encoder, new MileObjective.Size(LARGE, aggregator(16)), new MileObjective.Size(SMALL, aggregator(4)),
        folding(aggregator(16), 6), settings, 5, batches));
  }

  private static MileAggregator aggregator(int patches) {
    return new MileAggregator(new MileConfig(MileConfig.Mode.PATCHES, true, D, 2, 0, patches, false, false));
  }

  private TorchParameters folding(Aggregator aggregator, long seed) {
    return keep(TorchParameters.of(Parameters.random(seed), true, a -> aggregator.step(a, torch.zeros(1, 1, D), torch.zeros(1, 17, D),
        torch.ones(1))));
  }

  private <C extends AutoCloseable> C keep(C closeable) {
    open.add(0, closeable);
    return closeable;
  }

  /** Two views of each photo. */
  private List<List<List<float[]>>> tokens(int objects, int photos) {
    return IntStream.range(0, objects).mapToObj(object -> IntStream.range(0, photos)
        .mapToObj(photo -> List.of(noise(), noise())).toList()).toList();
  }

  private float[] noise() {
    float[] values = new float[17 * D];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Logits by crop and object; at the start the student's are the teacher's. */
  private static double[][][] logits(MileBatch.Crops<float[]> crops, int objects, MileObjective<float[]> objective,
      TorchParameters folding) {
    MileAggregator aggregator = aggregator(16);
    TorchAlgebra algebra = new TorchAlgebra(folding);
    TorchAlgebra head = new TorchAlgebra((name, init, shape) -> parameters(objective, name).get(name, init, shape));
    DinoHead definition = new DinoHead(D, SETTINGS.hidden(), SETTINGS.bottleneck(), SETTINGS.classes());
    double[][][] logits = new double[crops.count()][objects][SETTINGS.classes()];
    int place = 0;
    for (int crop = 0; crop < crops.count(); crop++) {
      for (int object = 0; object < objects; object++) {
        Tensor state = null;
        for (int photo = 0; photo < crops.length(); photo++) {
          Tensor tokens = Tensor.create(Arrays.copyOfRange(crops.images(), place, place += 17 * D), 1, 17, D);
          Tensor before = state == null ? torch.zeros(1, 1, D) : state;
          state = aggregator.step(algebra, before, tokens, torch.tensor(new long[] {photo})).state();
        }
        float[] values = Tensors.floats(definition.logits(head, definition.project(head, state.view(1, D))));
        for (int i = 0; i < values.length; i++) {
          logits[crop][object][i] = values[i];
        }
      }
    }
    return logits;
  }

  private static TorchParameters parameters(MileObjective<float[]> objective, String name) {
    return objective.groups().get(name.startsWith("last_layer") ? 2 : 1).parameters();
  }

  private static double crossEntropy(double[] taught, double[] seen) {
    double[] target = softmax(taught, 0.04);
    double[] guess = softmax(seen, 0.1);
    return -IntStream.range(0, target.length).mapToDouble(i -> target[i] * Math.log(guess[i])).sum();
  }

  private static double[] softmax(double[] logits, double temperature) {
    double[] exponentials = Arrays.stream(logits).map(logit -> Math.exp(logit / temperature)).toArray();
    double sum = Arrays.stream(exponentials).sum();
    return Arrays.stream(exponentials).map(value -> value / sum).toArray();
  }

  private static RgbImage noise(int seed) {
    byte[] rgb = new byte[40 * 36 * 3];
    new Random(seed).nextBytes(rgb);
    return new RgbImage(40, 36, rgb);
  }
}
