package io.accrete.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.bundle.Preprocessing;
import io.accrete.image.RgbImage;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Tensor;
import io.accrete.tensor.Weights;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingLoop;
import io.accrete.trainer.objective.DistillObjective;
import io.accrete.trainer.objective.DistillObjective.Lesson;
import io.accrete.trainer.recipe.DistillStage;
import io.accrete.trainer.recipe.LoopRecipe;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.torch.Precision;
import io.accrete.trainer.torch.Tensors;
import io.accrete.trainer.torch.TorchParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainStepTest {
  private static final int SIZE = 16; // and positions for 32, so that they are interpolated
  private static final int STEPS = 5;
  private static final Preprocessing PREPROCESSING = Preprocessing.imageNet(32, 32);

  private final Vit vit = new Vit(VitConfig.plain(new Stem.Convolutional(List.of(16, 32), 1), 32, 32, 2, 2));

  @TempDir private Path directory;

  @Test
  void shouldComputeWhatTheTrainingLoopDoes() throws IOException, InterruptedException {
    // A weight decay so large that it shows in a few steps.
    LoopRecipe loop = new LoopRecipe((long) STEPS, 1e-3, 2L, 5.0, null, null, null, null, null, null, Precision.FLOAT32);
    DistillStage stage = new DistillStage(loop, 8, SIZE, null, null, null, null);
    try (PointerScope scope = new PointerScope();
        TorchParameters encoder = TorchParameters.of(Parameters.random(1), true, a -> vit.tokens(a, torch.zeros(1, 3, SIZE, SIZE), SIZE));
        DistillObjective objective = new DistillObjective(vit, encoder, PREPROCESSING, SIZE, lessons(), stage, 1);
        PlainStep plain = new PlainStep(vit.config(), encoder.weights(), head(objective), PREPROCESSING, SIZE, stage)) {
      Map<String, Tensor> before = all(objective);
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      new TrainingLoop<>(objective, loop, 8, 1, directory.resolve("checkpoint.safetensors"), new TrainingLoop.Observer() {
        @Override
        public void started(long firstStep) {}

        @Override
        public void step(StepRecord record, float[][] embeddings, double possibleEntropy) {
          ours.add(record.loss());
          theirs.add(plain.step(objective.batch(record.step()), record.learningRate()));
        }

        @Override
        public void checkpointed(long nextStep) {}
      }).run();

      assertThat(ours).hasSize(STEPS);
      assertThat(ours.get(STEPS - 1)).as("it learns, or equality says little").isNotCloseTo(ours.get(0), within(1e-2));
      for (int step = 0; step < STEPS; step++) {
        assertThat(theirs.get(step)).as("loss of step " + step).isCloseTo(ours.get(step), within(1e-4));
      }
      assertThat(apart(before, all(objective), plain)).as("how far apart they are, as a share of the way they went").isLessThan(0.02);
    }
  }

  @Test
  void shouldMeasureTheEncoderOfTheDefaultRecipe() throws IOException, InterruptedException {
    assertThat(TrainingBench.ENCODER).isEqualTo(Recipe.read(Path.of("../trainer/recipes/default.yaml")).encoder());
  }

  private static Weights head(DistillObjective objective) {
    return objective.groups().get(1).parameters().weights();
  }

  /** The values of encoder and head, under the plain step's names. */
  private static Map<String, Tensor> all(DistillObjective objective) {
    Map<String, Tensor> all = new TreeMap<>(objective.groups().get(0).parameters().weights().tensors());
    head(objective).tensors().forEach((name, value) -> all.put("head." + name, value));
    return all;
  }

  private static double apart(Map<String, Tensor> before, Map<String, Tensor> ours, PlainStep plain) {
    assertThat(plain.parameters().keySet()).isEqualTo(ours.keySet());
    double difference = 0;
    double way = 0;
    for (String name : ours.keySet()) {
      if (name.endsWith("qkv.bias")) { // a key's bias has no gradient but rounding errors, which AdamW takes for directions
        continue;
      }
      float[] theirs = Tensors.floats(plain.parameters().get(name));
      for (int i = 0; i < theirs.length; i++) {
        difference += Math.pow(theirs[i] - ours.get(name).values()[i], 2);
        way += Math.pow(ours.get(name).values()[i] - before.get(name).values()[i], 2);
      }
    }
    return Math.sqrt(difference / way);
  }

  private static List<List<Lesson>> lessons() {
    Random random = new Random(3);
    List<List<Lesson>> lessons = new ArrayList<>();
    for (int object = 0; object < 8; object++) {
      byte[] rgb = new byte[20 * 24 * 3];
      random.nextBytes(rgb);
      float[] teacher = new float[12];
      teacher[object] = 1;
      lessons.add(List.of(new Lesson(new RgbImage(20, 24, rgb), teacher)));
    }
    return lessons;
  }
}
