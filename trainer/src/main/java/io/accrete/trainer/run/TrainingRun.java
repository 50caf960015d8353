package io.accrete.trainer.run;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleWriter;
import io.accrete.retrieval.Evaluation;
import io.accrete.trainer.data.PhotoSet;
import io.accrete.trainer.gate.Decision;
import io.accrete.trainer.gate.Gate;
import io.accrete.trainer.loop.TrainingException;
import io.accrete.trainer.loop.TrainingListener;
import io.accrete.trainer.loop.TrainingLog;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.recipe.RecipeException;
import io.accrete.trainer.recipe.Stage;
import io.accrete.trainer.report.Neighbours;
import io.accrete.trainer.report.TrainingReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

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
   * @throws InterruptedException if the thread was interrupted; what is done so far is checkpointed
   */
  public Outcome run(Gate gate, Optional<Bundle> serving) throws IOException, InterruptedException {
    claim();
    try (TrainedModel model = new TrainedModel(recipe, serving.orElse(null), recipe.stages().stream().anyMatch(Stage::changesEncoder))) {
      StageTrainer trainer = new StageTrainer(model, photos, teacher, directory, recipe.seed(), loaders, listener);
      long before = 0;
      for (int number = 1; number <= recipe.stages().size(); number++) {
        Stage stage = recipe.stages().get(number - 1);
        try (RunObserver observer = new RunObserver(directory, place(number, before), totalSteps(), facts(stage), listener)) {
          trainer.train(stage, directory.resolve("stage-" + number + ".safetensors"), observer);
        }
        before += stage.loop().steps();
      }
      return finish(model, gate, serving);
    }
  }

  /**
   * The model that was in use when the run of a directory began. It is kept there, so that the run goes on from it whatever is in use then.
   *
   * @param inUse asked if the run begins now
   * @throws io.accrete.bundle.BundleException if it cannot be kept
   */
  public static Bundle begunWith(Path directory, Supplier<Bundle> inUse) {
    Path kept = directory.resolve("serving");
    return Files.exists(kept.resolve(Bundle.MANIFEST)) ? Bundle.read(kept) : BundleWriter.copy(inUse.get(), kept, true);
  }

  /** Stages may have the same objective: then the number tells them apart. */
  private TrainingListener.Stage place(int number, long before) {
    Stage stage = recipe.stages().get(number - 1);
    String name = recipe.stages().size() == 1 ? stage.name() : stage.name() + ", " + number + " of " + recipe.stages().size();
    return new TrainingListener.Stage(name, before, stage.loop().steps());
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
    listener.event(String.format(Locale.ROOT, "Exported %s; it differs from what was trained by at most %.1e", candidate.version(),
        difference));
    listener.event("Looking for the " + photos.heldBack().size() + " held-back objects");
    Decision decision = gate.decide(candidate, serving, photos.heldBack(), new Silent());
    try (TrainingLog log = TrainingLog.open(directory, totalSteps())) {
      log.event(TrainingLog.EVALUATION, scores(decision));
      log.event(TrainingLog.GATE, decision);
      log.event(TrainingLog.END, Map.of("reason", decision.reason()));
    }
    Neighbours.write(directory, new ContactSheet(photos.heldBack()).neighbours(serving.orElse(candidate), candidate));
    TrainingReport.write(directory);
    return new Outcome(model.export(target, recipe.name(), recipe.description(), lineage, decision.metrics()), decision);
  }

  private static Map<String, Object> scores(Decision decision) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("candidateScores", decision.candidateScores());
    facts.put("servingScores", decision.servingScores());
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
      Path beside = Files.writeString(file.resolveSibling("recipe.yaml.part"), recipe.yaml());
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE); // half a recipe would be another one
    } else if (!Files.readString(file).equals(recipe.yaml())) {
      throw new RecipeException("The folder " + directory + " holds a run of another recipe (" + file + "). Give this run a folder of "
          + "its own, or remove that one.");
    }
  }

  private Map<String, Object> facts(Stage stage) {
    return Map.of("name", recipe.name(), "objective", summary(stage), "objects", photos.training().size(), "photos", photoCount(),
        "held-back", photos.heldBack().size());
  }

  private long photoCount() {
    return photos.training().stream().mapToLong(object -> object.photos().size()).sum();
  }

  private Map<String, String> lineage(Optional<Bundle> serving) {
    Map<String, String> lineage = new LinkedHashMap<>();
    lineage.put("training", String.join(", ", recipe.stages().stream().map(TrainingRun::summary).toList()));
    lineage.put("objective", String.join(", ", recipe.stages().stream().map(Stage::name).distinct().toList()));
    lineage.put("seed", Long.toString(recipe.seed()));
    lineage.put("held-back", recipe.heldBack().toString());
    lineage.put("objects", Integer.toString(photos.training().size()));
    lineage.put("photos", Long.toString(photoCount()));
    serving.ifPresent(bundle -> lineage.put("parent", bundle.version()));
    if (teacher != null) {
      lineage.put("teacher", teacher.version());
    }
    return lineage;
  }

  private static String summary(Stage stage) {
    return stage.name() + " " + stage.loop().steps() + " steps";
  }
}
