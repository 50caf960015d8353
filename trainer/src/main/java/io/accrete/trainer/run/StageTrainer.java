package io.accrete.trainer.run;

import io.accrete.bundle.Bundle;
import io.accrete.image.RgbImage;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.data.Augmentation;
import io.accrete.trainer.data.PhotoSet;
import io.accrete.trainer.data.PhotoSet.PhotoObject;
import io.accrete.trainer.data.Views;
import io.accrete.trainer.loop.TrainingListener;
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
import io.accrete.trainer.recipe.RecipeException;
import io.accrete.trainer.recipe.Stage;
import io.accrete.trainer.teacher.TeacherVectors;
import io.accrete.trainer.teacher.TokenCache;
import io.accrete.trainer.torch.ParameterGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.PointerScope;

/**
 * Trains the stages of a run: gets together what a stage's objective needs, and gives it to the loop.
 *
 * @param directory of the run
 * @param teacher for distillation; null if there is none
 * @param loaders threads that make batches
 */
record StageTrainer(TrainedModel model, PhotoSet photos, Bundle teacher, Path directory, long seed, int loaders, TrainingListener listener) {

  /** Trains one stage; one that is done already only gives the model its results. */
  void train(Stage stage, Path checkpoint, TrainingLoop.Observer observer) throws IOException, InterruptedException {
    try (PointerScope scope = new PointerScope()) {
      if (TrainingLoop.restore(checkpoint, stage.name(), stage.loop().steps(), learning(stage))) {
        return;
      }
      if (stage instanceof DistillStage distill) {
        loop(distill(distill), stage, distill.batch(), checkpoint, observer);
      } else if (stage instanceof ContrastiveStage contrastive) {
        int images = contrastive.batch() * (contrastive.images() + 1); // two sets, each of half the largest size on average
        loop(contrast(contrastive), stage, images, checkpoint, observer);
      }
    }
  }

  private <B> void loop(Objective<B> made, Stage stage, int images, Path checkpoint, TrainingLoop.Observer observer)
      throws IOException, InterruptedException {
    try (Objective<B> objective = made) {
      new TrainingLoop<>(objective, stage.loop(), images, loaders, checkpoint, observer).run();
    }
  }

  /** What of the model a stage changes. */
  private List<ParameterGroup> learning(Stage stage) {
    ParameterGroup encoder = new ParameterGroup("encoder", model.encoder());
    ParameterGroup aggregator = new ParameterGroup("aggregator", model.aggregatorParameters());
    if (stage instanceof ContrastiveStage contrastive) {
      return contrastive.encoder() == EncoderMode.FROZEN ? List.of(aggregator) : List.of(aggregator, encoder);
    }
    return List.of(encoder);
  }

  private DistillObjective distill(DistillStage stage) throws IOException {
    if (teacher == null) {
      throw new RecipeException("The stage 'distill' needs a teacher; none was given.");
    }
    List<RgbImage> images = photos.training().stream().flatMap(object -> object.photos().stream()).toList();
    List<List<Lesson>> lessons = new ArrayList<>();
    try (Model asked = Model.load(teacher, RuntimeOptions.cpu())) {
      float[][] vectors = new TeacherVectors(asked, directory).of(images, counted("The teacher has seen", images.size()));
      int next = 0;
      for (PhotoObject object : photos.training()) {
        List<Lesson> ofObject = new ArrayList<>();
        for (RgbImage photo : object.photos()) {
          ofObject.add(new Lesson(photo, vectors[next++]));
        }
        lessons.add(ofObject);
      }
    }
    return new DistillObjective(model.vit(), model.encoder(), model.preprocessing(), size(stage.imageSize()), lessons, stage, seed);
  }

  private ContrastiveObjective<?> contrast(ContrastiveStage stage) {
    List<PhotoObject> objects = photos.withAtLeast(2).stream().map(object -> new PhotoObject(object.id(),
        object.photos().subList(0, Math.min(object.photos().size(), stage.photosPerObject())))).toList();
    Views views = new Views(Augmentation.MILD.withScale(stage.minScale(), 1));
    TokenSource<?> source = stage.encoder() == EncoderMode.FROZEN ? frozen(stage, objects, views)
        : new LearningEncoder(model.vit(), model.encoder(), List.of(new ParameterGroup("encoder", model.encoder())), model.preprocessing(),
            size(stage.imageSize()), objects, views);
    return new ContrastiveObjective<>(source, model.aggregator(), model.aggregatorParameters(), stage, seed);
  }

  private TokenSource<float[]> frozen(ContrastiveStage stage, List<PhotoObject> objects, Views views) {
    int count = objects.stream().mapToInt(object -> object.photos().size()).sum();
    try (Model running = Model.load(model.encoderOnly(directory.resolve("frozen")), RuntimeOptions.cpu())) {
      return new FrozenTokens(new TokenCache(running, views, stage.views(), seed).of(objects, counted("The encoder has seen", count)),
          running.shapes().tokens(), running.shapes().dimension());
    }
  }

  private int size(Integer asked) {
    return asked == null ? model.preprocessing().cropSize() : asked;
  }

  /** Tells ten times how many photos are done. */
  private Runnable counted(String doing, int photoCount) {
    AtomicLong done = new AtomicLong();
    int every = Math.max(1, photoCount / 10);
    return () -> {
      if (done.incrementAndGet() % every == 0) {
        listener.event(doing + " " + done + " of " + photoCount + " photos");
      }
    };
  }
}
