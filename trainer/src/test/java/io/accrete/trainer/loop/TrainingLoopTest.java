package io.accrete.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.Preprocessing;
import io.accrete.checkpoint.CheckpointException;
import io.accrete.image.RgbImage;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Parameters;
import io.accrete.trainer.objective.DistillObjective;
import io.accrete.trainer.objective.DistillObjective.Lesson;
import io.accrete.trainer.recipe.DistillStage;
import io.accrete.trainer.recipe.LoopRecipe;
import io.accrete.trainer.torch.Precision;
import io.accrete.trainer.torch.TorchParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {
  private static final int SIZE = 16;
  private static final int STEPS = 40;

  @TempDir private Path directory;

  @Test
  void shouldLearn() throws IOException, InterruptedException {
    SortedMap<Long, Double> losses = train("a", STEPS, 16, 4, Long.MAX_VALUE);
    assertThat(losses).hasSize(STEPS);
    assertThat(losses.get(STEPS - 1L)).isLessThan(losses.get(0L) * 0.8);
  }

  @Test
  void shouldGoOnToTheSameLossesAfterItWasStopped() throws IOException, InterruptedException {
    SortedMap<Long, Double> whole = train("whole", STEPS, 16, 4, Long.MAX_VALUE);

    SortedMap<Long, Double> parts = train("parts", STEPS, 16, 4, 13);
    parts.putAll(train("parts", STEPS, 16, 4, 27));
    parts.putAll(train("parts", STEPS, 16, 4, Long.MAX_VALUE));

    assertThat(parts).isEqualTo(whole); // to the last bit
  }

  @Test
  void shouldRefuseTheCheckpointOfAnotherArchitecture() throws IOException, InterruptedException {
    train("a", STEPS, 16, 4, 3);
    assertThatThrownBy(() -> train("a", STEPS, 32, 4, Long.MAX_VALUE)).isInstanceOf(CheckpointException.class)
        .hasMessageContaining("another architecture").hasMessageContaining("expected");
  }

  @Test
  void shouldStopWhenTheLossIsNoNumber() {
    assertThatThrownBy(() -> train("a", STEPS, 16, Float.NaN, Long.MAX_VALUE)).isInstanceOf(TrainingException.class)
        .hasMessageContaining("step 0").hasMessageContaining("learning rate");
  }

  /** Losses by step, until a step at which the run is stopped as if the process had died; every step is checkpointed before. */
  private SortedMap<Long, Double> train(String name, long steps, int dimension, float teacher, long stopAt)
      throws IOException, InterruptedException {
    SortedMap<Long, Double> losses = new TreeMap<>();
    Vit vit = new Vit(VitConfig.plain(new Stem.Convolutional(List.of(16, 16), 1), SIZE, dimension, 1, 2));
    Path file = directory.resolve(name + ".safetensors");
    try (PointerScope scope = new PointerScope();
        TorchParameters encoder = TorchParameters.of(Parameters.random(1), true, a -> vit.tokens(a, torch.zeros(1, 3, SIZE, SIZE), SIZE));
        DistillObjective objective = new DistillObjective(vit, encoder, Preprocessing.imageNet(SIZE, SIZE), SIZE, lessons(teacher),
            new DistillStage(loop(steps), 16, null, null, null, null, null), 7)) {
      new TrainingLoop<>(objective, loop(steps), 16, 2, file, new TrainingLoop.Observer() {
        @Override
        public void started(long firstStep) {}

        @Override
        public void step(StepRecord record, float[][] embeddings, double possibleEntropy) {
          if (record.step() >= stopAt) {
            throw new Stopped();
          }
          losses.put(record.step(), record.loss());
        }

        @Override
        public void checkpointed(long nextStep) {}
      }).run();
    } catch (Stopped e) {
      assertThat(stopAt).isLessThan(steps);
    }
    return losses;
  }

  private static LoopRecipe loop(long steps) {
    return new LoopRecipe(steps, 3e-3, 3L, 0.05, null, null, null, null, 2, 1e-9, Precision.FLOAT32);
  }

  private static List<List<Lesson>> lessons(float scale) {
    Random random = new Random(3);
    List<List<Lesson>> lessons = new ArrayList<>();
    for (int object = 0; object < 8; object++) {
      byte colour = (byte) (object * 30);
      lessons.add(IntStream.range(0, 3).mapToObj(photo -> {
        byte[] rgb = new byte[20 * 24 * 3];
        random.nextBytes(rgb);
        for (int i = 0; i < rgb.length; i += 2) {
          rgb[i] = colour;
        }
        return new Lesson(new RgbImage(20, 24, rgb), vector(colour, scale));
      }).toList());
    }
    return lessons;
  }

  private static float[] vector(int seed, float scale) {
    float[] vector = new float[12];
    Random random = new Random(seed);
    double square = 0;
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) random.nextGaussian();
      square += vector[i] * vector[i];
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) (Math.sqrt(square) * scale / 4);
    }
    return vector;
  }

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;
  }
}
