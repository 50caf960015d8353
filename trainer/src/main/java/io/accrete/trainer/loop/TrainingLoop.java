package io.accrete.trainer.loop;

import io.accrete.trainer.data.Prefetcher;
import io.accrete.trainer.objective.Loss;
import io.accrete.trainer.objective.Objective;
import io.accrete.trainer.recipe.LoopRecipe;
import io.accrete.trainer.torch.AdamW;
import io.accrete.trainer.torch.Autocast;
import io.accrete.trainer.torch.GradientClip;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.Schedule;
import io.accrete.trainer.torch.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains an objective step by step: batch, loss, gradients, AdamW, what the objective does afterwards. Batches are made ahead on other
 * threads. A run that was killed goes on from its checkpoint to the same losses.
 *
 * @param <B> a batch
 */
public final class TrainingLoop<B> {
  private static final int AHEAD = 4;
  private static final int EMBEDDINGS_EVERY = 25;
  private static final double RECENT = 0.95;
  private static final String VALUES = ".values";

  private final Objective<B> objective;
  private final LoopRecipe recipe;
  private final int items;
  private final int loaders;
  private final Path checkpointFile;
  private final Observer observer;

  /** Follows a loop, on its thread. What it throws stops the loop; the last checkpoint stays. */
  public interface Observer {
    /** The stage begins, or goes on, with this step. */
    void started(long firstStep);

    /**
     * A step is done.
     *
     * @param record its steps are those of the stage
     * @param embeddings unit embeddings of different objects, every so often; otherwise null
     * @param possibleEntropy the largest that a teacher's entropy can be, nats; 0 without a teacher
     */
    void step(StepRecord record, float[][] embeddings, double possibleEntropy);

    /** All before this step is on the disk. */
    void checkpointed(long nextStep);
  }

  /**
   * A loop.
   *
   * @param items images in a batch, for the rate
   * @param loaders threads that make batches
   */
  public TrainingLoop(Objective<B> objective, LoopRecipe recipe, int items, int loaders, Path checkpointFile, Observer observer) {
    this.objective = objective;
    this.recipe = recipe;
    this.items = items;
    this.loaders = loaders;
    this.checkpointFile = checkpointFile;
    this.observer = observer;
  }

  /**
   * Gives parameters the values at the end of a stage that is done.
   *
   * @return whether it is done
   */
  public static boolean restore(Path checkpointFile, String objective, long steps, List<ParameterGroup> groups) {
    Map<String, Tensor> values = new HashMap<>();
    groups.forEach(group -> values.put(group.name() + VALUES, group.parameters().values()));
    Checkpoint checkpoint = new Checkpoint(checkpointFile, objective, values);
    if (checkpoint.step() < steps) {
      return false;
    }
    try (NoGradGuard none = new NoGradGuard()) {
      checkpoint.load();
    }
    return true;
  }

  /**
   * Trains to the last step, from the checkpoint if there is one.
   *
   * @throws IOException if a checkpoint cannot be written; the one before stays
   * @throws InterruptedException if the thread was interrupted; the step at hand is done, and checkpointed
   */
  public void run() throws IOException, InterruptedException {
    List<ParameterGroup> groups = objective.groups();
    try (AdamW optimizer = new AdamW(groups, 0.9, recipe.beta2())) {
      Checkpoint checkpoint = new Checkpoint(checkpointFile, objective.name(), live(groups, optimizer));
      long first = checkpoint.load();
      observer.started(first);
      if (first == 0) {
        checkpoint.save(0); // a disk that has no room for one is told before anything is learned
      }
      if (first < recipe.steps()) {
        train(first, optimizer, checkpoint);
      }
    }
  }

  private void train(long first, AdamW optimizer, Checkpoint checkpoint) throws IOException, InterruptedException {
    boolean bfloat16 = recipe.precision().isBfloat16();
    Schedule rates = new Schedule(recipe.learningRate() / Math.max(1, recipe.warmup()), recipe.learningRate(),
        recipe.learningRate() / 200, recipe.warmup(), recipe.steps());
    Schedule decays = Schedule.cosine(recipe.weightDecay(), recipe.weightDecayEnd(), recipe.steps());
    int batches = recipe.accumulate();
    GradientClip clip = new GradientClip(recipe.clipEach(), recipe.clip());
    List<ParameterGroup> groups = objective.groups();
    Clock clock = new Clock();
    try (Prefetcher<B> data = new Prefetcher<>(objective::batch, first * batches, AHEAD, loaders)) {
      for (long step = first; step < recipe.steps(); step++) {
        StepRecord record;
        float[][] embeddings;
        try (PointerScope scope = new PointerScope()) {
          Measures measures = new Measures(batches);
          for (int i = 0; i < batches; i++) {
            measures.add(gradients(data.next(), step, bfloat16));
          }
          try (NoGradGuard none = new NoGradGuard()) {
            clip.apply(groups);
            optimizer.step(step, rates.at(step), decays.at(step));
            objective.stepped(step);
          }
          clock.tick(data.waited().toNanos());
          record = new StepRecord(step, objective.name(), measures.loss, measures.parts, rates.at(step),
              items * batches / clock.perStep, clock.idle, clock.seconds());
          embeddings = (step + 1) % EMBEDDINGS_EVERY == 0 ? measures.embeddings() : null;
        }
        requireFinite(record);
        observer.step(record, embeddings, objective.possibleEntropy());
        boolean last = step + 1 == recipe.steps();
        boolean stopped = Thread.interrupted();
        if (last || stopped || clock.sinceCheckpoint() > recipe.checkpointMinutes() * 60) {
          checkpoint.save(step + 1);
          clock.checkpointed();
          observer.checkpointed(step + 1);
        }
        if (stopped && !last) {
          throw new InterruptedException("Stopped after step " + step + "; the same command goes on from there.");
        }
      }
    }
  }

  private Loss gradients(B batch, long step, boolean bfloat16) {
    Loss loss = Autocast.with(bfloat16, () -> objective.loss(batch, step));
    if (loss.value().requires_grad()) { // not, where every set is one photo and the aggregator leaves one photo as it is
      (recipe.accumulate() == 1 ? loss.value() : loss.value().div(new Scalar(recipe.accumulate()))).backward();
    }
    return loss;
  }

  private static void requireFinite(StepRecord record) {
    if (!Double.isFinite(record.loss())) {
      throw new TrainingException("The loss of step " + record.step() + " is " + record.loss()
          + ". Lower the learning rate, lengthen the warm-up or use precision: float32. The last checkpoint is from before.");
    }
  }

  private Map<String, Tensor> live(List<ParameterGroup> groups, AdamW optimizer) {
    Map<String, Tensor> live = new HashMap<>(optimizer.state());
    groups.forEach(group -> live.put(group.name() + VALUES, group.parameters().values()));
    live.putAll(objective.state());
    return live;
  }

  /** Loss and parts, averaged over the batches of a step. */
  private static final class Measures {
    private final int batches;
    private final Map<String, Double> parts = new LinkedHashMap<>();
    private double loss;
    private Tensor embeddings;

    Measures(int batches) {
      this.batches = batches;
    }

    void add(Loss of) {
      loss += of.value().item_double() / batches;
      of.parts().forEach((name, part) -> parts.merge(name, part.item_double() / batches, Double::sum));
      embeddings = of.embeddings();
    }

    float[][] embeddings() {
      int rows = (int) embeddings.size(0);
      float[] flat = Tensors.floats(embeddings);
      float[][] result = new float[rows][flat.length / rows];
      for (int row = 0; row < rows; row++) {
        System.arraycopy(flat, row * result[row].length, result[row], 0, result[row].length);
      }
      return result;
    }
  }

  /** Times of late: averages that forget. */
  private static final class Clock {
    private final long began = System.nanoTime();
    private long last = began;
    private long saved = began;
    private long waited;
    private double perStep;
    private double idle;

    void tick(long waitedInAll) {
      long now = System.nanoTime();
      double seconds = (now - last) / 1e9;
      double share = (waitedInAll - waited) / (double) Math.max(1, now - last);
      boolean firstTick = last == began;
      perStep = firstTick ? seconds : RECENT * perStep + (1 - RECENT) * seconds;
      idle = firstTick ? share : RECENT * idle + (1 - RECENT) * share;
      last = now;
      waited = waitedInAll;
    }

    double seconds() {
      return (last - began) / 1e9;
    }

    double sinceCheckpoint() {
      return (System.nanoTime() - saved) / 1e9;
    }

    void checkpointed() {
      saved = System.nanoTime();
    }
  }
}
