package io.accrete.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Preprocessing;
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
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryTest {
  private static final int SIZE = 8;
  private static final long WARM_UP = 2_000;
  private static final long STEPS = 10_000;
  private static final long TOLERANCE = 32 << 20;

  @TempDir private Path directory;

  /** A leak of one tensor a step is seen twice over: in the pointers that nobody freed, and in the memory of the process. */
  @Test
  void shouldKeepNativeMemoryFlat() throws IOException {
    Vit vit = new Vit(VitConfig.plain(new Stem.Patch(8), SIZE, 4, 1, 1));
    LoopRecipe loop = new LoopRecipe(STEPS, null, null, null, null, null, null, null, null, 1e6, Precision.FLOAT32);
    Usage usage = new Usage();
    try (PointerScope scope = new PointerScope();
        TorchParameters encoder = TorchParameters.of(Parameters.random(1), true, a -> vit.tokens(a, torch.zeros(1, 3, SIZE, SIZE), SIZE));
        DistillObjective objective = new DistillObjective(vit, encoder, Preprocessing.imageNet(SIZE, SIZE), SIZE,
            List.of(List.of(new Lesson(new RgbImage(SIZE, SIZE, new byte[SIZE * SIZE * 3]), new float[] {1, 0}))),
            new DistillStage(loop, 2, null, null, null, null), 1)) {
      new TrainingLoop<>(objective, loop, 2, 1, directory.resolve("checkpoint.safetensors"), usage).run();
    }
    assertThat(usage.pointers.get(1)).as("native objects alive").isEqualTo(usage.pointers.get(0));
    assertThat(usage.bytes.get(1) - usage.bytes.get(0)).as("growth in bytes").isLessThan(TOLERANCE);
  }

  /** Measured after the warm-up and at the end, behind a collection that leaves Java's own memory out of it. */
  private static final class Usage implements TrainingLoop.StageObserver {
    private final List<Long> bytes = new ArrayList<>();
    private final List<Long> pointers = new ArrayList<>();

    @Override
    public void started(long firstStep) {}

    @Override
    public void step(StepRecord record, float[][] embeddings) {
      if (record.step() + 1 == WARM_UP || record.step() + 1 == STEPS) {
        System.gc();
        bytes.add(Pointer.physicalBytes());
        pointers.add(Pointer.totalCount());
      }
    }

    @Override
    public void checkpointed(long nextStep) {}
  }
}
