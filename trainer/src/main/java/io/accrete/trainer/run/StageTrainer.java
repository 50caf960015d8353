package io.accrete.trainer.run;

import io.accrete.bundle.Bundle;
import io.accrete.image.RgbImage;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.data.Augmentation;
import io.accrete.trainer.data.Crops;
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
import io.accrete.trainer.objective.MileEncoder;
import io.accrete.trainer.objective.MileObjective;
import io.accrete.trainer.objective.MileSets;
import io.accrete.trainer.objective.MileSettings;
import io.accrete.trainer.objective.Objective;
import io.accrete.trainer.objective.PixelEncoder;
import io.accrete.trainer.objective.TokenSource;
import io.accrete.trainer.recipe.ContrastiveStage;
import io.accrete.trainer.recipe.DistillStage;
import io.accrete.trainer.recipe.EncoderMode;
import io.accrete.trainer.recipe.MileStage;
import io.accrete.trainer.recipe.RecipeException;
import io.accrete.trainer.recipe.Stage;
import io.accrete.trainer.teacher.TeacherVectors;
import io.accrete.trainer.teacher.TokenCache;
import io.accrete.trainer.torch.Lora;
import io.accrete.trainer.torch.ParameterGroup;
import io.accrete.trainer.torch.TorchAlgebra;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
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
record StageTrainer(
    TrainedModel model, PhotoSet photos, Bundle teacher, Path directory, long seed, int loaders, TrainingListener listener) {

  /** Trains one stage; one that is done already only gives the model its results. */
  void train(Stage stage, Path checkpoint, TrainingLoop.Observer observer) throws IOException, InterruptedException {
    try (PointerScope scope = new PointerScope()) {
      Learning learning = Learning.of(stage, model, seed);
      if (!TrainingLoop.restore(checkpoint, stage.name(), stage.loop().steps(), learning.groups(stage, model))) {
        if (stage instanceof DistillStage distill) {
          loop(distill(distill), stage, distill.batch(), checkpoint, observer);
        } else if (stage instanceof ContrastiveStage contrastive) {
          int images = contrastive.batch() * (contrastive.images() + 1); // two sets, each of half the largest size on average
          loop(contrast(contrastive, learning), stage, images, checkpoint, observer);
        } else if (stage instanceof MileStage mile) {
          int images = mile.batch() * (2 * mile.images() + mile.locals() * mile.localImages());
          loop(mile(mile, learning), stage, images, checkpoint, observer);
        }
      }
      learning.finish(model);
    }
  }

  private <B> void loop(Objective<B> made, Stage stage, int images, Path checkpoint, TrainingLoop.Observer observer)
      throws IOException, InterruptedException {
    try (Objective<B> objective = made) {
      new TrainingLoop<>(objective, stage.loop(), images, loaders, checkpoint, observer).run();
    }
  }

  /**
   * What of the encoder a stage changes.
   *
   * @param additions low-rank ones; null if there are none
   */
  private record Learning(EncoderMode mode, Lora additions) {
    static Learning of(Stage stage, TrainedModel model, long seed) {
      EncoderMode mode = stage instanceof ContrastiveStage contrastive ? contrastive.encoder()
          : stage instanceof MileStage mile ? mile.encoder() : EncoderMode.FULL;
      Lora.Shape shape = Lora.Shape.standard();
      return new Learning(mode, mode != EncoderMode.LORA ? null
          : new Lora(model.encoder(), Lora.fresh(model.encoder(), shape, seed), shape, seed));
    }

    /** Names as the objectives give them. */
    List<ParameterGroup> groups(Stage stage, TrainedModel model) {
      List<ParameterGroup> groups = new ArrayList<>(encoder(model));
      if (!(stage instanceof DistillStage) && model.aggregatorParameters().size() > 0) {
        groups.add(new ParameterGroup("aggregator", model.aggregatorParameters()));
      }
      return groups;
    }

    List<ParameterGroup> encoder(TrainedModel model) {
      return switch (mode) {
        case FROZEN -> List.of();
        case FULL -> List.of(new ParameterGroup("encoder", model.encoder()));
        case LORA -> List.of(new ParameterGroup("encoder", additions.additions()));
      };
    }

    TorchAlgebra.Source source(TrainedModel model) {
      return mode == EncoderMode.LORA ? additions : model.encoder();
    }

    /** Low-rank additions become part of the encoder. */
    void finish(TrainedModel model) {
      if (additions != null) {
        model.adopt(additions.merged());
        additions.additions().close();
      }
    }
  }

  private DistillObjective distill(DistillStage stage) throws IOException {
    if (teacher == null) {
      throw new RecipeException("The stage 'distill' needs a teacher; none was given.");
    }
    Crops crops = new Crops(stage.minScale(), seed);
    List<List<RgbImage>> objects = new ArrayList<>();
    for (PhotoObject object : photos.training()) {
      objects.add(crops.atLeast(stage.lessonsPerObject(), object.photos(), objects.size()));
    }
    List<RgbImage> images = objects.stream().flatMap(List::stream).toList();
    List<List<Lesson>> lessons = new ArrayList<>();
    try (Model asked = Model.load(teacher, RuntimeOptions.cpu())) {
      Iterator<float[]> vectors = List.of(new TeacherVectors(asked, directory).of(images, counted("The teacher has seen", images.size())))
          .iterator();
      objects.forEach(object -> lessons.add(object.stream().map(image -> new Lesson(image, vectors.next())).toList()));
    }
    return new DistillObjective(model.vit(), model.encoder(), model.preprocessing(), size(stage.imageSize()), lessons, stage, seed);
  }

  private ContrastiveObjective<?> contrast(ContrastiveStage stage, Learning learning) {
    Views views = new Views(Augmentation.MILD.withScale(stage.minScale(), 1));
    if (stage.encoder() == EncoderMode.FROZEN) {
      Kept kept = kept(some(stage.photosPerObject()), views, stage.views());
      return contrast(new FrozenTokens(kept.tokens, kept.count, kept.dimension), stage);
    }
    return contrast(new LearningEncoder(model.vit(), learning.source(model), learning.encoder(model), model.preprocessing(),
        size(stage.imageSize()), some(stage.photosPerObject()), views), stage);
  }

  private <I> ContrastiveObjective<I> contrast(TokenSource<I> source, ContrastiveStage stage) {
    return new ContrastiveObjective<>(source, model.aggregator(), model.aggregatorParameters(), stage, seed);
  }

  private MileObjective<?> mile(MileStage stage, Learning learning) {
    MileSettings settings = MileSettings.standard(stage.loop().steps())
        .withBatch(stage.batch(), stage.images(), stage.locals(), stage.localImages())
        .withHead(stage.hidden(), stage.bottleneck(), stage.classes()).withControls(stage.centring(), stage.sharpening());
    if (stage.encoder() == EncoderMode.FROZEN) {
      Kept kept = kept(some(stage.photosPerObject()), new Views(Augmentation.GLOBAL_1), stage.views());
      MileObjective.Size size = new MileObjective.Size(model.preprocessing().cropSize(), model.aggregator());
      return new MileObjective<>(MileEncoder.ofTokens(kept.count, kept.dimension), size, size, model.aggregatorParameters(), settings, seed,
          MileSets.ofTokens(kept.tokens, settings, seed));
    }
    int globalSize = size(stage.imageSize());
    int patch = model.vit().config().stem().stride();
    int localSize = size(stage.localSize() != null ? stage.localSize() : Math.max(patch, globalSize / 2 / patch * patch));
    PixelEncoder encoder = stage.encoder() == EncoderMode.LORA ? PixelEncoder.lora(model.vit(), learning.additions, model.preprocessing())
        : PixelEncoder.full(model.vit(), model.encoder(), model.preprocessing());
    return new MileObjective<>(encoder, new MileObjective.Size(globalSize, model.aggregator(globalSize)),
        new MileObjective.Size(localSize, model.aggregator(localSize)), model.aggregatorParameters(), settings, seed,
        MileSets.ofPhotos(some(Integer.MAX_VALUE), globalSize, localSize, settings, seed));
  }

  /** Objects with at least two photos, and at most so many. */
  private List<PhotoObject> some(int photosPerObject) {
    return photos.withAtLeast(2).stream().map(object -> new PhotoObject(object.id(),
        object.photos().subList(0, Math.min(object.photos().size(), photosPerObject)))).toList();
  }

  /** Tokens that a frozen encoder gives, {@code count} of each image. */
  private record Kept(List<List<List<float[]>>> tokens, int count, int dimension) {}

  private Kept kept(List<PhotoObject> objects, Views views, int viewsPerPhoto) {
    int count = objects.stream().mapToInt(object -> object.photos().size()).sum();
    try (Model running = Model.load(model.withEncoder(directory.resolve("frozen")), RuntimeOptions.cpu())) {
      return new Kept(new TokenCache(running, views, viewsPerPhoto, seed).of(objects, counted("The encoder has seen", count)),
          running.shapes().tokens(), running.shapes().dimension());
    }
  }

  /** The size that a stage asks for, or the encoder's. */
  private int size(Integer asked) {
    int patch = model.vit().config().stem().stride();
    if (asked != null && asked % patch != 0) {
      throw new RecipeException("The encoder cuts images into patches of " + patch + " pixels; expected 'image-size' and 'local-size' to be"
          + " multiples of that, found " + asked + ".");
    }
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
