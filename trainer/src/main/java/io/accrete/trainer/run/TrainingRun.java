package io.accrete.trainer.run;

import io.accrete.bundle.Bundle;
import io.accrete.image.RgbImage;
import io.accrete.retrieval.Evaluation;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.data.Augmentation;
import io.accrete.trainer.data.PhotoSet;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.data.Views;
import io.accrete.trainer.gate.Decision;
import io.accrete.trainer.gate.Gate;
import io.accrete.trainer.loop.CollapseLimits;
import io.accrete.trainer.loop.CollapseWatch;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingException;
import io.accrete.trainer.loop.TrainingListener;
import io.accrete.trainer.loop.TrainingLog;
import io.accrete.trainer.loop.TrainingLoop;
import io.accrete.trainer.objective.ContrastiveObjective;
import io.accrete.trainer.objective.DistillObjective;
import io.accrete.trainer.objective.DistillObjective.Lesson;
import io.accrete.trainer.objective.FrozenTokens;
import io.accrete.trainer.objective.LearningEncoder;
import io.accrete.trainer.objective.Objective;
import io.accrete.trainer.objective.TokenSource;
import io.accrete.trainer.recipe.ContrastiveStage;
import io.accrete.trainer.recipe.DistillStage;
import io.accrete.trainer.recipe.EncoderMode;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.recipe.RecipeException;
import io.accrete.trainer.recipe.Stage;
import io.accrete.trainer.teacher.TeacherVectors;
import io.accrete.trainer.teacher.TokenCache;
import io.accrete.trainer.torch.ParameterGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.PointerScope;

/**
 * One run of a recipe in a directory of its own: its stages, one after the other, and the bundle at the end. A run that was interrupted
 * goes on where its last checkpoint stands.
 */
public final class TrainingRun {
  private final Recipe recipe;
  private final Path directory;
  private final PhotoSet photos;
  private final Bundle teacher;
  private final int loaders;
  private final TrainingListener listener;

  /**
   * A run.
   *
   * @param directory made if it does not exist; one that holds another recipe's run is refused
   * @param teacher for distillation; null if no stage needs one
   * @param loaders threads that make batches
   */
  public TrainingRun(Recipe recipe, Path directory, PhotoSet photos, Bundle teacher, int loaders, TrainingListener listener) {
    this.recipe = recipe;
    this.directory = directory;
    this.photos = photos;
    this.teacher = teacher;
    this.loaders = loaders;
    this.listener = listener;
  }

  /**
   * What a run gives.
   *
   * @param bundle the candidate, with its scores
   * @param decision what the gate says of it
   */
  public record Outcome(Bundle bundle, Decision decision) {}

  /**
   * Trains, and writes the folder {@code bundle} into the directory.
   *
   * @param serving the model that it must beat; empty if there is none
   * @throws TrainingException if training cannot go on, or the export is not the model that was trained
   * @throws IOException if a checkpoint cannot be written
   */
  public Outcome run(Gate gate, Optional<Bundle> serving) throws IOException {
    claim();
    try (TrainedModel model = new TrainedModel(recipe)) {
      long before = 0;
      long total = totalSteps();
      for (int number = 1; number <= recipe.stages().size(); number++) {
        Stage stage = recipe.stages().get(number - 1);
        train(model, stage, number, before, total);
        before += stage.loop().steps();
      }
      return finish(model, gate, serving);
    }
  }

  private long totalSteps() {
    return recipe.stages().stream().mapToLong(stage -> stage.loop().steps()).sum();
  }

  private Outcome finish(TrainedModel model, Gate gate, Optional<Bundle> serving) throws IOException {
    model.roundToHalf();
    Path target = directory.resolve("bundle");
    Map<String, String> lineage = lineage(serving);
    Bundle candidate = model.export(target, recipe.name(), recipe.description(), lineage, Map.of());
    double difference = Parity.check(model, candidate, photos.training());
    listener.event(String.format(Locale.ROOT, "Exported %s; it differs from what was trained by at most %.1e", candidate.version(), difference));
    listener.event("Looking for the " + photos.heldBack().size() + " held-back objects");
    Decision decision = gate.decide(candidate, serving, photos.heldBack(), new Silent());
    try (TrainingLog log = TrainingLog.open(directory, totalSteps())) {
      log.event(TrainingLog.EVALUATION, scores(decision));
      log.event(TrainingLog.GATE, Map.of("decision", decision, "parity", difference));
      log.event(TrainingLog.END, Map.of("reason", decision.reason()));
    }
    return new Outcome(model.export(target, recipe.name(), recipe.description(), lineage, decision.metrics()), decision);
  }

  private static Map<String, Object> scores(Decision decision) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("scores", decision.candidateScores());
    facts.put("serving", decision.servingScores());
    return facts;
  }

  /** The retrieval scores take a while; the gate's result is what counts. */
  private static final class Silent implements Evaluation.Listener {
    @Override
    public void begins(long photos) {}

    @Override
    public void encoded() {}
  }

  private void claim() throws IOException {
    Path file = Files.createDirectories(directory).resolve("recipe.yaml");
    if (!Files.exists(file)) {
      Files.writeString(file, recipe.yaml());
    } else if (!Files.readString(file).equals(recipe.yaml())) {
      throw new RecipeException("The folder " + directory + " holds a run of another recipe (" + file + "). Give this run a folder of its own,"
          + " or remove that one.");
    }
  }

  private void train(TrainedModel model, Stage stage, int number, long before, long total) throws IOException {
    Path checkpoint = directory.resolve("stage-" + number + ".safetensors");
    try (PointerScope scope = new PointerScope()) {
      if (stage instanceof DistillStage distill) {
        try (DistillObjective objective = distill(model, distill)) {
          loop(objective, stage, distill.batch(), checkpoint, before, total);
        }
      } else if (stage instanceof ContrastiveStage contrastive) {
        contrast(model, contrastive, checkpoint, before, total);
      }
    }
  }

  private DistillObjective distill(TrainedModel model, DistillStage stage) throws IOException {
    if (teacher == null) {
      throw new RecipeException("The stage 'distill' needs a teacher; none was given.");
    }
    List<RgbImage> images = photos.training().stream().flatMap(object -> object.photos().stream()).toList();
    List<List<Lesson>> lessons = new ArrayList<>();
    listener.event("Asking the teacher about " + images.size() + " photos");
    try (Model asked = Model.load(teacher, RuntimeOptions.cpu())) {
      float[][] vectors = new TeacherVectors(asked, directory).of(images, said(images.size(), "photos"));
      int next = 0;
      for (PhotoObject object : photos.training()) {
        List<Lesson> ofObject = new ArrayList<>();
        for (RgbImage photo : object.photos()) {
          ofObject.add(new Lesson(photo, vectors[next++]));
        }
        lessons.add(ofObject);
      }
    }
    int size = stage.imageSize() == null ? model.preprocessing().cropSize() : stage.imageSize();
    return new DistillObjective(model.vit(), model.encoder(), model.preprocessing(), size, lessons, stage, recipe.seed());
  }

  private void contrast(TrainedModel model, ContrastiveStage stage, Path checkpoint, long before, long total) throws IOException {
    List<PhotoObject> objects = photos.withAtLeast(2).stream().map(object -> new PhotoObject(object.id(),
        object.photos().subList(0, Math.min(object.photos().size(), stage.photosPerObject())))).toList();
    Views views = new Views(Augmentation.MILD.withScale(stage.minScale(), 1));
    if (stage.encoder() == EncoderMode.FROZEN) {
      contrast(model, frozen(model, stage, objects, views), stage, checkpoint, before, total);
    } else {
      int size = stage.imageSize() == null ? model.preprocessing().cropSize() : stage.imageSize();
      contrast(model, new LearningEncoder(model.vit(), model.encoder(), List.of(new ParameterGroup("encoder", model.encoder())),
          model.preprocessing(), size, objects, views), stage, checkpoint, before, total);
    }
  }

  private <I> void contrast(TrainedModel model, TokenSource<I> source, ContrastiveStage stage, Path checkpoint, long before, long total)
      throws IOException {
    try (Objective<?> objective = new ContrastiveObjective<>(source, model.aggregator(), model.aggregatorParameters(), stage,
        recipe.seed())) {
      loop(objective, stage, stage.batch() * (stage.images() + 1), checkpoint, before, total);
    }
  }

  private TokenSource<float[]> frozen(TrainedModel model, ContrastiveStage stage, List<PhotoObject> objects, Views views) {
    Bundle encoder = model.encoderOnly(directory.resolve("frozen"));
    int count = objects.stream().mapToInt(object -> object.photos().size()).sum();
    listener.event("Encoding " + count + " photos, " + stage.views() + " views each");
    try (Model running = Model.load(encoder, RuntimeOptions.cpu())) {
      return new FrozenTokens(new TokenCache(running, views, stage.views(), recipe.seed()).of(objects, said(count, "photos")),
          running.shapes().tokens(), running.shapes().dimension());
    }
  }

  private Runnable said(int count, String what) {
    AtomicLong done = new AtomicLong();
    int every = Math.max(1, count / 10);
    return () -> {
      if (done.incrementAndGet() % every == 0) {
        listener.event(done + " of " + count + " " + what);
      }
    };
  }

  private <B> void loop(Objective<B> objective, Stage stage, int items, Path checkpoint, long before, long total) throws IOException {
    try (Following following = new Following(stage, before, total)) {
      new TrainingLoop<>(objective, stage.loop(), items, loaders, checkpoint, following).run();
    }
  }

  private Map<String, String> lineage(Optional<Bundle> serving) {
    Map<String, String> lineage = new LinkedHashMap<>();
    lineage.put("training", String.join(", ", recipe.stages().stream().map(TrainingRun::summary).toList()));
    lineage.put("objective", String.join(", ", recipe.stages().stream().map(TrainingRun::name).distinct().toList()));
    lineage.put("seed", Long.toString(recipe.seed()));
    lineage.put("held-back", recipe.heldBack().toString());
    lineage.put("objects", Integer.toString(photos.training().size()));
    lineage.put("photos", Long.toString(photos.training().stream().mapToLong(object -> object.photos().size()).sum()));
    serving.ifPresent(bundle -> lineage.put("parent", bundle.version()));
    if (teacher != null) {
      lineage.put("teacher", teacher.version());
    }
    return lineage;
  }

  private static String summary(Stage stage) {
    return name(stage) + " " + stage.loop().steps() + " steps";
  }

  private static String name(Stage stage) {
    return stage instanceof DistillStage ? DistillStage.NAME : ContrastiveStage.NAME;
  }

  /** Writes the log, tells the listener, watches for collapse. */
  private final class Following implements TrainingLoop.StageObserver, AutoCloseable {
    private final Stage stage;
    private final long before;
    private final long total;
    private final CollapseWatch watch = new CollapseWatch(CollapseLimits.standard(), Optional.empty());
    private TrainingLog log;

    Following(Stage stage, long before, long total) {
      this.stage = stage;
      this.before = before;
      this.total = total;
    }

    @Override
    public void started(long firstStep) {
      log = TrainingLog.open(directory, before + firstStep);
      log.event(firstStep == 0 ? TrainingLog.START : TrainingLog.RESUME,
          Map.of("name", recipe.name(), "objective", summary(stage), "objects", photos.training().size(), "held-back", photos.heldBack().size()));
      listener.started(total, before + firstStep);
    }

    @Override
    public void step(StepRecord record, float[][] embeddings) {
      StepRecord of = new StepRecord(before + record.step(), record.objective(), record.loss(), record.parts(), record.learningRate(),
          record.imagesPerSecond(), record.idle(), record.seconds());
      log.step(of);
      listener.step(of.step(), of.loss(), of.imagesPerSecond());
      if (embeddings != null) {
        judge(of.step(), CollapseWatch.Reading.of(embeddings));
      }
    }

    private void judge(long step, CollapseWatch.Reading reading) {
      Optional<String> verdict = watch.judge(step, reading);
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("reading", reading);
      verdict.ifPresent(word -> facts.put("verdict", word));
      log.event(TrainingLog.COLLAPSE, facts);
      if (verdict.isPresent()) {
        throw new TrainingException("The run has " + verdict.get());
      }
    }

    @Override
    public void checkpointed(long nextStep) {
      log.event(TrainingLog.CHECKPOINT, Map.of("next", before + nextStep));
    }

    @Override
    public void close() {
      if (log != null) {
        log.close();
      }
      listener.ended();
    }
  }
}
