package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFolder;
import io.accrete.trainer.buffer.BufferLimits;
import io.accrete.trainer.buffer.ImageSetBuffer;
import io.accrete.trainer.buffer.ImageSetConsumer;
import io.accrete.trainer.data.PhotoSet;
import io.accrete.trainer.data.PhotoSet.Memory;
import io.accrete.trainer.data.PhotoSet.Source;
import io.accrete.trainer.gate.Gate;
import io.accrete.trainer.publish.ModelPublisher;
import io.accrete.trainer.publish.ProgressPublisher;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.run.TrainingRun;
import io.accrete.trainer.run.TrainingRun.Outcome;
import io.accrete.trainer.service.ServiceSettings;
import io.accrete.trainer.service.TrainerService;
import io.accrete.trainer.torch.Libtorch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete train}: better models, from photos on disk or from the stream. */
@Command(name = "train", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Trains a model by a recipe, scores it on objects held back, and says whether it is better than the one in use.",
    "With --photos it is one run on photos on disk. Without, it is a service that learns from the image sets of the stream, round after "
        + "round, and publishes what is better, until Ctrl-C. What was interrupted goes on where its last checkpoint stands."})
final class TrainCommand implements Callable<Integer> {
  private static final long PHOTO_MEMORY = 4L << 30;
  private static final int KEPT_ROUNDS = 10;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--photos", paramLabel = "DIR|ZIP",
      description = "Photos, with one folder for each object; may be given more than once.")
  private List<Path> photos = List.of();

  @Option(names = "--recipe", paramLabel = "FILE", description = "What to train, and how long; or the name of one that comes along: "
      + "aggregator (the default: trains the aggregator on the encoder in use), finetune (trains both).")
  private String recipe = "aggregator";

  @Option(names = "--run", paramLabel = "DIR",
      description = "Folder of the run: checkpoints, log, report, bundle. Default: the recipe's name, beside the local state.")
  private Path directory;

  @Option(names = "--teacher", paramLabel = "BUNDLE|FILE.onnx",
      description = "Whom to distil: a bundle, or an encoder that takes RGB in 0 to 1 (others: 'accrete models import' first).")
  private Path teacher;

  @Option(names = "--serving", paramLabel = "BUNDLE",
      description = "The model to beat, and to start from where the recipe has no encoder of its own. Default: the version that is ACTIVE "
          + "in the application, as long as the configuration names a cluster; else the configured bundle.")
  private String serving;

  @Option(names = "--publish", description = "With --photos: publish the model if it is better. The service always does.")
  private boolean publish;

  @Option(names = "--rounds", paramLabel = "N", description = "Without --photos: end after so many rounds.")
  private int rounds;

  @Option(names = "--loaders", paramLabel = "N", defaultValue = "2",
      description = "Threads that prepare photos (default: ${DEFAULT-VALUE}).")
  private int loaders;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Libtorch.require();
    AccreteConfig config = options.load();
    Recipe read = Recipes.named(recipe);
    try (Stoppable running = Stoppable.install()) {
      return photos.isEmpty() ? serve(config, read) : offline(config, read);
    }
  }

  private int serve(AccreteConfig config, Recipe read) throws IOException, InterruptedException {
    Cluster.connect(config).close(); // whether it is there is told at once
    Path home = directory == null ? config.stateDirectory().resolve("trainer") : directory;
    ServiceSettings settings = new ServiceSettings(home.resolve("rounds"), config.getInt(ConfigKeys.TRAINER_ROUND_OBJECTS),
        config.getInt(ConfigKeys.TRAINER_ROUND_PHOTOS), KEPT_ROUNDS, PHOTO_MEMORY, loaders);
    try (ImageSetBuffer buffer = ImageSetBuffer.open(home.resolve("buffer"), BufferLimits.of(config));
        ImageSetConsumer consumer = ImageSetConsumer.start(config, buffer);
        ProgressPublisher progress = ProgressPublisher.start(config, new TrainingProgress(System.err))) {
      new TrainerService(read, settings, Gate.standard(), new ModelPublisher(config), progress)
          .run(buffer, consumer, toBeat(config), rounds);
    }
    return 0;
  }

  private int offline(AccreteConfig config, Recipe read) throws IOException, InterruptedException {
    Path run = directory == null ? config.stateDirectory().resolve("runs").resolve(read.name()) : directory;
    List<PhotoFolder> folders = new ArrayList<>();
    try {
      for (Path each : photos) {
        folders.add(PhotoFolder.scan(each));
      }
      return report(config, train(read, run, folders, toBeat(config, run)), run);
    } finally {
      for (PhotoFolder folder : folders) {
        folder.close();
      }
    }
  }

  private Function<Optional<Bundle>, Bundle> toBeat(AccreteConfig config) {
    if (serving == null) {
      return last -> ModelInUse.toBeat(last, config).bundle().get();
    }
    Bundle named = Bundles.named(serving, config);
    return last -> last.orElse(named);
  }

  /** On one's own machine there may be no cluster; one that is named is asked. */
  private Bundle toBeat(AccreteConfig config, Path run) {
    boolean hasCluster = config.originalsStrings().containsKey(ConfigKeys.BOOTSTRAP_SERVERS);
    Bundle bundle = serving != null ? Bundles.named(serving, config) : TrainingRun.begunWith(run,
        () -> (hasCluster ? ModelInUse.active(config) : ModelInUse.configured(config)).bundle().get());
    spec.commandLine().getOut().printf("To beat: %s%n", bundle.version());
    return bundle;
  }

  private Outcome train(Recipe read, Path run, List<PhotoFolder> folders, Bundle inUse) throws IOException, InterruptedException {
    PhotoSet set;
    try (PhotoReading reading = new PhotoReading()) {
      set = PhotoSet.read(folders.stream().map(folder -> Source.of("", folder)).toList(), read.heldBack(), ImageLimits.LOCAL,
          new Memory(read.photoSide(), PHOTO_MEMORY, loaders), reading);
    }
    Bundle taught = teacher == null ? null : Bundles.encoder(teacher, run.resolve("teacher"));
    return new TrainingRun(read, run, set, taught, loaders, new TrainingProgress(System.err)).run(Gate.standard(), Optional.of(inUse));
  }

  private int report(AccreteConfig config, Outcome outcome, Path run) {
    PrintWriter out = spec.commandLine().getOut();
    ModelsShowCommand.print(outcome.bundle(), out);
    out.println(outcome.decision().reason());
    out.printf("Bundle: %s%nReport: %s%n", outcome.bundle().root(), run.resolve("report.html"));
    if (publish && outcome.decision().passed()) {
      out.printf("Published at %s.%n", new ModelPublisher(config).publish(outcome.bundle(), false).model().getBundleUri());
    } else if (publish) {
      out.println("Not published.");
    }
    out.flush();
    return 0;
  }

  /** Shows how far the reading of photos is. */
  private static final class PhotoReading implements PhotoSet.Listener, AutoCloseable {
    private Progress progress;

    @Override
    public void begins(long count) {
      progress = Progress.start("Reading photos", count, System.err);
    }

    @Override
    public void read() {
      progress.step();
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
      }
    }
  }
}
