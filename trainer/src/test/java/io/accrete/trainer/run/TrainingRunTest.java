package io.accrete.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleVerifier;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.data.PhotoSet;
import io.accrete.trainer.data.PhotoSet.Memory;
import io.accrete.trainer.data.PhotoSet.Source;
import io.accrete.trainer.gate.Gate;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingListener;
import io.accrete.trainer.loop.TrainingLog;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.recipe.RecipeException;
import io.accrete.trainer.run.TrainingRun.Outcome;
import io.accrete.trainer.testing.ColouredPhotos;
import io.accrete.trainer.testing.SmallBundles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
  private static final int STEPS = 4; // of each stage
  private static final Gate GATE = new Gate(2, 2, 0.005, RuntimeOptions.cpu());

  /** Every objective with everything of the encoder that it can change; each step is checkpointed. */
  private static final Recipe RECIPE = Recipe.parse("""
      name: small
      held-back: 0.4
      photo-side: 32
      encoder: {image-size: 32, patch: 8, dimension: 32, depth: 1}
      aggregator: {kind: mile}
      stages:
        - {objective: distill, batch: 8, lessons-per-object: 6, loop: LOOP}
        - {objective: mile-contrastive, encoder: full, batch: 4, images: 2, loop: LOOP}
        - {objective: mile-contrastive, encoder: lora, batch: 4, images: 2, loop: LOOP}
        - {objective: mile, encoder: full, batch: 4, images: 2, locals: 2, hidden: 16, bottleneck: 8, classes: 20, loop: LOOP}
        - {objective: mile, encoder: lora, batch: 4, images: 2, locals: 2, hidden: 16, bottleneck: 8, classes: 20, loop: LOOP}
        - {objective: mile, encoder: frozen, batch: 4, images: 2, locals: 2, hidden: 16, bottleneck: 8, classes: 20, loop: LOOP}
        - {objective: mile-contrastive, encoder: frozen, batch: 4, images: 2, loop: LOOP}
      """.replace("LOOP", "{steps: 4, checkpoint-minutes: 1.0e-9}"), "here");

  @TempDir private static Path shared;
  private static PhotoSet photos;
  private static Bundle start;
  private static Bundle whole;
  private static List<StepRecord> steps;

  @TempDir private Path directory;

  @BeforeAll
  static void train() throws Exception {
    photos = PhotoSet.read(List.of(new Source("", ColouredPhotos.objects(20, 4))), RECIPE.heldBack(), ImageLimits.LOCAL,
        new Memory(RECIPE.photoSide(), 1 << 20, 1), new Unheard());
    start = SmallBundles.seeing(shared.resolve("start"));
    Follower follower = new Follower(Long.MAX_VALUE);
    whole = run(RECIPE, shared.resolve("whole"), follower).bundle();
    steps = steps(shared.resolve("whole"));
    assertThat(follower.events).anySatisfy(event -> assertThat(event)
        .matches("Exported " + whole.version() + "; it differs from what was trained by at most [0-9.]+e[-+][0-9]+"));
  }

  @Test
  void shouldGiveABundleWithLogAndReport() throws IOException {
    Path folder = shared.resolve("whole");

    assertThat(BundleVerifier.verify(folder.resolve("bundle"))).isLessThan(BundleVerifier.TOLERANCE);
    assertThat(whole.manifest().metrics()).isNotEmpty();
    assertThat(whole.manifest().lineage()).containsEntry("objective", "distill, mile-contrastive, mile")
        .containsEntry("teacher", start.version()).containsEntry("parent", start.version());
    assertThat(steps).extracting(StepRecord::step).isEqualTo(numbers(RECIPE.stages().size() * STEPS));
    assertThat(steps).extracting(StepRecord::objective)
        .isEqualTo(RECIPE.stages().stream().flatMap(stage -> Collections.nCopies(STEPS, stage.name()).stream()).toList());
    assertThat(Files.readString(folder.resolve("report.html"))).contains("Loss of distill", "Loss of mile", whole.version());
  }

  /** Each stage is stopped after some steps, as if the process had died. */
  @Test
  void shouldGoOnToTheSameModelWhereverItWasStopped() throws Exception {
    for (int stage = 0; stage < RECIPE.stages().size(); stage++) {
      Follower follower = new Follower((long) stage * STEPS + 1 + stage % 3);
      assertThatThrownBy(() -> run(RECIPE, directory, follower)).isInstanceOf(Stopped.class);
    }
    Bundle bundle = run(RECIPE, directory, new Follower(Long.MAX_VALUE)).bundle();

    assertThat(learned(steps(directory))).isEqualTo(learned(steps)); // to the last bit
    assertThat(bundle.version()).isEqualTo(whole.version());
  }

  @Test
  void shouldNotTrainAgainWhatIsDone() throws Exception {
    Follower follower = new Follower(0);

    Bundle again = run(RECIPE, shared.resolve("whole"), follower).bundle();

    assertThat(again.version()).isEqualTo(whole.version());
    assertThat(learned(steps(shared.resolve("whole")))).isEqualTo(learned(steps));
  }

  @Test
  void shouldLeaveAFrozenEncoderAsItWas() throws Exception {
    Recipe recipe = Recipe.parse("""
        name: folding
        aggregator: {kind: mile}
        stages:
          - {objective: mile-contrastive, batch: 4, images: 2, loop: {steps: 3}}
          - {objective: mile, batch: 4, images: 2, locals: 1, hidden: 16, bottleneck: 8, classes: 20, loop: {steps: 3}}
        """, "here");

    Bundle bundle = run(recipe, directory, new Follower(Long.MAX_VALUE)).bundle();

    assertThat(bundle.encoder()).hasSameBinaryContentAs(start.encoder());
    assertThat(BundleVerifier.verify(bundle.root())).isLessThan(BundleVerifier.TOLERANCE);
  }

  @Test
  void shouldRefuseTheFolderOfAnotherRecipe() {
    Recipe other = Recipe.parse(RECIPE.yaml().replace("seed: 1", "seed: 2"), "here");

    assertThatThrownBy(() -> run(other, shared.resolve("whole"), new Follower(0))).isInstanceOf(RecipeException.class)
        .hasMessageContaining("another recipe");
  }

  @Test
  void shouldRefuseAnImageSizeThatTheEncoderCannotCut() {
    Recipe recipe = Recipe.parse("name: a\nstages: [{objective: distill, image-size: 33, batch: 4, loop: {steps: 3}}]", "here");

    assertThatThrownBy(() -> run(recipe, directory, new Follower(0))).isInstanceOf(RecipeException.class)
        .hasMessageContaining("expected 'image-size' and 'local-size' to be multiples").hasMessageContaining("found 33");
  }

  private static Outcome run(Recipe recipe, Path directory, Follower follower) throws IOException, InterruptedException {
    return new TrainingRun(recipe, directory, photos, start, 2, follower).run(GATE, Optional.of(start));
  }

  private static List<StepRecord> steps(Path directory) {
    List<StepRecord> steps = new ArrayList<>();
    TrainingLog.read(directory, new TrainingLog.Reader() {
      @Override
      public void step(StepRecord step) {
        steps.add(step);
      }

      @Override
      public void event(TrainingLog.Event event) {}
    });
    return steps;
  }

  /** Without what depends on the clock. */
  private static List<StepRecord> learned(List<StepRecord> steps) {
    return steps.stream()
        .map(step -> new StepRecord(step.step(), step.objective(), step.loss(), step.parts(), step.learningRate(), 0, 0, 0)).toList();
  }

  private static List<Long> numbers(int count) {
    return LongStream.range(0, count).boxed().toList();
  }

  /** Stops the run after a step. */
  private static final class Follower implements TrainingListener {
    private final List<String> events = new ArrayList<>();
    private final long stopAt;

    Follower(long stopAt) {
      this.stopAt = stopAt;
    }

    @Override
    public void started(Stage stage, long totalSteps, long firstStep) {}

    @Override
    public void step(StepRecord step) {
      if (step.step() >= stopAt) {
        throw new Stopped();
      }
    }

    @Override
    public void event(String line) {
      events.add(line);
    }

    @Override
    public void ended() {}
  }

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final class Unheard implements PhotoSet.Listener {
    @Override
    public void begins(long photos) {}

    @Override
    public void read() {}
  }
}
