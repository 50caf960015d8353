package io.accrete.bench;

import com.sun.management.OperatingSystemMXBean;
import io.accrete.bundle.Preprocessing;
import io.accrete.catalogue.Catalogue;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.RgbImage;
import io.accrete.model.Vit;
import io.accrete.tensor.Parameters;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingLoop;
import io.accrete.trainer.objective.DistillObjective;
import io.accrete.trainer.objective.DistillObjective.Batch;
import io.accrete.trainer.objective.DistillObjective.Lesson;
import io.accrete.trainer.objective.Loss;
import io.accrete.trainer.objective.Objective;
import io.accrete.trainer.recipe.DistillStage;
import io.accrete.trainer.recipe.EncoderRecipe;
import io.accrete.trainer.recipe.LoopRecipe;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.Precision;
import io.accrete.trainer.torch.TorchParameters;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * Distillation of the default encoder from a made-up teacher, on rendered photos: the training loop's step against {@link PlainStep}, one
 * of each in turn, and then the loop alone with its data.
 */
public final class TrainingBench {
  /** The encoder of the default recipe. */
  static final EncoderRecipe ENCODER = new EncoderRecipe(96, null, null, List.of(32, 64, 128, 256), null, 256, 4, null);

  private static final int WARM_UP = 3;
  private static final int PRODUCTS = 16;
  private static final int PHOTOS_PER_PRODUCT = 4;
  private static final int TEACHER_LENGTH = 1280; // MobileNetV2's
  private static final long SEED = 1;

  private final Settings settings;
  private final Runnable stepped;
  private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /**
   * What is measured.
   *
   * @param batch photos in a batch
   * @param size pixels per side of the views
   * @param steps of each kind that are timed
   * @param data whether batches are made on the loop's threads while its steps are compared, or once before
   * @param loaders threads that make batches
   */
  public record Settings(int batch, int size, int steps, boolean data, int loaders, Precision precision) {
    public Settings {
      if (steps < 1 || loaders < 1) {
        throw new IllegalArgumentException("Expected at least 1 step and 1 loader, found " + steps + " and " + loaders + ".");
      }
      ENCODER.config().tokens(size); // or says which sizes there are
    }

    /** Steps in all, for those who wait. */
    public int total() {
      return 3 * (WARM_UP + steps);
    }
  }

  /** A benchmark; {@code stepped} is told of every step. */
  public TrainingBench(Settings settings, Runnable stepped) {
    this.settings = settings;
    this.stepped = stepped;
  }

  /** Measures. */
  public TrainingThroughput run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("accrete-bench");
    Path checkpoint = folder.resolve("checkpoint.safetensors");
    List<List<Lesson>> lessons = lessons();
    try {
      Comparison comparison = new Comparison();
      train(lessons, checkpoint, settings.data, comparison);
      Files.deleteIfExists(checkpoint);
      Idle idle = new Idle();
      train(lessons, checkpoint, true, idle);
      return new TrainingThroughput(settings.batch, settings.size, settings.precision.isBfloat16() ? "bfloat16" : "float32", settings.steps,
          settings.data, comparison.ours.clock(), comparison.plain.clock(), comparison.ours.processor(), comparison.plain.processor(),
          idle.secondsPerStep(), idle.share());
    } finally {
      Files.deleteIfExists(checkpoint);
      Files.deleteIfExists(folder);
    }
  }

  /** Follows a loop and knows what it learns. */
  private interface Follower extends TrainingLoop.Observer, AutoCloseable {
    /** Before the first step. */
    void begins(DistillObjective objective, Vit vit, Preprocessing preprocessing, DistillStage stage);

    /** The loop has its batch and begins to compute. */
    default void computes() {}

    @Override
    default void started(long firstStep) {}

    @Override
    default void checkpointed(long nextStep) {}

    @Override
    default void close() {}
  }

  private void train(List<List<Lesson>> lessons, Path checkpoint, boolean data, Follower follower)
      throws IOException, InterruptedException {
    LoopRecipe loop = new LoopRecipe((long) WARM_UP + settings.steps, null, 0L, null, null, null, null, null, null, 1e6,
        settings.precision);
    DistillStage stage = new DistillStage(loop, settings.batch, settings.size, null, null, null, null);
    Vit vit = new Vit(ENCODER.config());
    Preprocessing preprocessing = Preprocessing.imageNet(ENCODER.resize(), ENCODER.imageSize());
    try (PointerScope scope = new PointerScope();
        TorchParameters encoder = TorchParameters.of(Parameters.random(SEED), true,
            algebra -> vit.tokens(algebra, torch.zeros(1, 3, settings.size, settings.size), settings.size));
        DistillObjective objective = new DistillObjective(vit, encoder, preprocessing, settings.size, lessons, stage, SEED);
        follower) {
      follower.begins(objective, vit, preprocessing, stage);
      new TrainingLoop<>(new Observed(objective, data ? null : objective.batch(0), follower), loop, settings.batch, settings.loaders,
          checkpoint, follower).run();
    }
  }

  private static List<List<Lesson>> lessons() {
    Catalogue catalogue = new Catalogue(SEED, PRODUCTS);
    Random random = new Random(SEED);
    List<List<Lesson>> lessons = new ArrayList<>();
    for (int product = 0; product < PRODUCTS; product++) {
      List<Lesson> ofProduct = new ArrayList<>();
      for (int view = 0; view < PHOTOS_PER_PRODUCT; view++) {
        ofProduct.add(new Lesson(photo(catalogue, product, view), unit(random)));
      }
      lessons.add(ofProduct);
    }
    return lessons;
  }

  private static RgbImage photo(Catalogue catalogue, int product, int view) {
    try {
      return ImageDecoder.decode(catalogue.photo(product, view), ImageLimits.LOCAL);
    } catch (ImageException e) {
      throw new IllegalStateException(e); // we have just encoded it
    }
  }

  private static float[] unit(Random random) {
    double[] values = IntStream.range(0, TEACHER_LENGTH).mapToDouble(i -> random.nextGaussian()).toArray();
    double length = Math.sqrt(IntStream.range(0, TEACHER_LENGTH).mapToDouble(i -> values[i] * values[i]).sum());
    float[] vector = new float[TEACHER_LENGTH];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (values[i] / length);
    }
    return vector;
  }

  /** The objective, always with the same batch unless that is null. */
  private record Observed(DistillObjective objective, Batch always, Follower follower) implements Objective<Batch> {
    @Override
    public String name() {
      return objective.name();
    }

    @Override
    public Batch batch(long number) {
      return always != null ? always : objective.batch(number);
    }

    @Override
    public Loss loss(Batch batch, long step) {
      follower.computes();
      return objective.loss(batch, step);
    }

    @Override
    public List<ParameterGroup> groups() {
      return objective.groups();
    }

    @Override
    public void close() {} // whoever made the objective closes it
  }

  /** Between two steps of the loop, one of the plain kind. */
  private final class Comparison implements Follower {
    private final Times ours = new Times();
    private final Times plain = new Times();
    private PlainStep step;
    private Batch batch;

    @Override
    public void begins(DistillObjective objective, Vit vit, Preprocessing preprocessing, DistillStage stage) {
      step = new PlainStep(vit.config(), objective.groups().get(0).parameters().weights(),
          objective.groups().get(1).parameters().weights(), preprocessing, settings.size, stage);
      batch = objective.batch(0);
    }

    @Override
    public void started(long firstStep) {
      ours.start();
    }

    @Override
    public void step(StepRecord record, float[][] embeddings, double possibleEntropy) {
      ours.stop(record.step() >= WARM_UP);
      stepped.run();
      plain.start();
      step.step(batch, record.learningRate());
      plain.stop(record.step() >= WARM_UP);
      stepped.run();
      ours.start();
    }

    @Override
    public void close() {
      step.close();
    }
  }

  /** How long the loop waits for batches. */
  private final class Idle implements Follower {
    private long last;
    private long waited;
    private long took;

    @Override
    public void begins(DistillObjective objective, Vit vit, Preprocessing preprocessing, DistillStage stage) {}

    @Override
    public void computes() {
      waited += System.nanoTime() - last;
    }

    @Override
    public void step(StepRecord record, float[][] embeddings, double possibleEntropy) {
      long now = System.nanoTime();
      took += now - last;
      if (record.step() < WARM_UP) { // the first batches are late: nobody made them ahead
        waited = 0;
        took = 0;
      }
      stepped.run();
      last = System.nanoTime();
    }

    double secondsPerStep() {
      return took / 1e9 / settings.steps;
    }

    double share() {
      return waited / (double) took;
    }
  }

  /** Durations of steps of one kind. */
  private final class Times {
    private final List<Long> clock = new ArrayList<>();
    private final List<Long> processor = new ArrayList<>();
    private long clockBegan;
    private long processorBegan;

    void start() {
      clockBegan = System.nanoTime();
      processorBegan = system.getProcessCpuTime();
    }

    void stop(boolean counts) {
      if (counts) {
        clock.add(System.nanoTime() - clockBegan);
        processor.add(system.getProcessCpuTime() - processorBegan);
      }
    }

    double clock() {
      return median(clock);
    }

    double processor() {
      return median(processor);
    }

    private static double median(List<Long> nanos) {
      long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
      int half = sorted.length / 2;
      return (sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0) / 1e9;
    }
  }
}
