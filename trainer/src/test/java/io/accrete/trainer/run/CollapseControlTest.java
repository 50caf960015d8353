package io.accrete.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.Bundle;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.data.PhotoSet;
import io.accrete.trainer.data.PhotoSet.Memory;
import io.accrete.trainer.data.PhotoSet.Source;
import io.accrete.trainer.gate.Gate;
import io.accrete.trainer.loop.CollapseLimits;
import io.accrete.trainer.loop.TrainingException;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingListener;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.testing.ColouredPhotos;
import io.accrete.trainer.testing.SmallBundles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Self-distillation with and without what keeps its teacher from collapse, by the limits that every run has. */
class CollapseControlTest {
  private static final long STEPS = CollapseLimits.standard().warmup() + 140; // five looks and some

  @TempDir private Path directory;

  @Test
  void shouldStopARunWithoutControls() throws Exception {
    Steps steps = new Steps();

    assertThatThrownBy(() -> train(false, steps)).isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("The run has collapsed: since step ").hasMessageContaining("the teacher answers every photo alike");

    assertThat(steps.done).isLessThan(STEPS);
    assertThat(Files.readString(directory.resolve("run/report.html"))).contains("The run has collapsed");
  }

  @Test
  void shouldLeaveTheSameRunWithControlsAlone() throws Exception {
    Steps steps = new Steps();

    train(true, steps);

    assertThat(steps.done).isEqualTo(STEPS);
  }

  private void train(boolean controls, Steps steps) throws Exception {
    Recipe recipe = Recipe.parse("""
        name: controls
        photo-side: 32
        aggregator: {kind: mile}
        stages:
          - {objective: mile, batch: 12, images: 2, locals: 1, views: 1, hidden: 32, bottleneck: 16, classes: 64,
             centring: CONTROLS, sharpening: CONTROLS, loop: {steps: STEPS, learning-rate: 3.0e-4, warmup: 20}}
        """.replace("CONTROLS", Boolean.toString(controls)).replace("STEPS", Long.toString(STEPS)), "here");
    Bundle start = SmallBundles.seeing(directory.resolve("start"));
    PhotoSet photos = PhotoSet.read(List.of(new Source("", ColouredPhotos.objects(40, 4))), 0.4, ImageLimits.LOCAL,
        new Memory(recipe.photoSide(), 1 << 20, 1), steps);
    new TrainingRun(recipe, directory.resolve("run"), photos, null, 1, steps).run(new Gate(2, 2, 0.005, RuntimeOptions.cpu()),
        Optional.of(start));
  }

  private static final class Steps implements TrainingListener, PhotoSet.Listener {
    private long done;

    @Override
    public void started(Stage stage, long totalSteps, long firstStep) {}

    @Override
    public void step(StepRecord step) {
      done = step.step() + 1;
    }

    @Override
    public void event(String line) {}

    @Override
    public void ended() {}

    @Override
    public void begins(long photos) {}

    @Override
    public void read() {}
  }
}
