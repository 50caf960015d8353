package io.accrete.cli;

import io.accrete.bench.EncoderSpeed;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.SmallerBundle;
import io.accrete.config.AccreteConfig;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFile;
import io.accrete.image.PhotoFolder;
import io.accrete.image.Preprocessor;
import io.accrete.retrieval.Difference;
import io.accrete.retrieval.Evaluation;
import io.accrete.retrieval.Photo;
import io.accrete.retrieval.RetrievalReport;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.data.Split;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models shrink}: the same model with smaller weights, and what that costs. */
@Command(name = "shrink", sortOptions = false, mixinStandardHelpOptions = true, description = {
    "Makes a bundle of another one with an encoder of fewer bytes: half (weights stored as float16) or int8 (matrices multiplied in "
        + "integers).",
    "Its card says how much worse it finds held-back objects again than the original does, and how much faster its encoder is here."})
final class ModelsShrinkCommand implements Callable<Integer> {
  private static final int IMAGES = 4; // of each object on each side
  private static final int SAMPLES = 64;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "BUNDLE", description = "Folder of the bundle, or " + Bundles.NAMES + ".")
  private String bundle;

  @Option(names = "--to", required = true, paramLabel = "half|int8", description = "What becomes of the encoder's weights.")
  private SmallerBundle.Kind kind;

  @Option(names = "--out", required = true, paramLabel = "BUNDLE", description = "Folder to write the smaller bundle to.")
  private Path out;

  @Option(names = "--photos", required = true, paramLabel = "DIR",
      description = "A directory or a .zip with one folder for each object; those that training holds back are looked for.")
  private Path photos;

  @Option(names = "--held-back", paramLabel = "SHARE", defaultValue = HeldBack.TRAINING_SHARE,
      description = "Share that the training held back (default: ${DEFAULT-VALUE}); 1: none of these objects was trained on.")
  private double heldBack;

  @Option(names = "--draws", paramLabel = "K", defaultValue = "20", description = "Number of random draws (default: ${DEFAULT-VALUE}).")
  private int draws;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "7",
      description = "Rounds in which the two encoders' speed is compared (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--force", description = "Replace a bundle that is there already.")
  private boolean force;

  @Override
  public Integer call() throws Exception {
    AccreteConfig config = options.load();
    Bundle original = Bundles.named(bundle, config);
    try (DemoDirectory directory = DemoDirectory.open(null, false); PhotoFolder folder = PhotoFolder.scan(photos)) {
      Map<String, List<Photo>> objects = HeldBack.objects(folder, heldBack);
      BundleDraft draft = SmallerBundle.of(original, kind, samples(original, folder));
      Bundle trial = BundleWriter.write(draft, directory.path().resolve("trial"), false);
      RetrievalReport before = evaluate(original, objects);
      RetrievalReport after = evaluate(trial, objects);
      double speed = EncoderSpeed.ratio(original, trial, rounds);
      Difference difference = after.aggregated().minus(before.aggregated());
      SortedMap<String, Double> metrics = new TreeMap<>(after.metrics());
      metrics.put("original.aggregated.ar10", before.aggregated().ar10());
      metrics.put("original.speed", speed);
      Bundle written = BundleWriter.write(
          draft.described(description(original, trial, after, difference, speed), metrics), out, force);
      print(original, before, written, after, speed);
    }
    return 0;
  }

  /** Photos that are not looked for, if there are others; evenly from all objects. */
  private List<byte[]> samples(Bundle of, PhotoFolder folder) throws IOException, ImageException {
    List<PhotoFile> candidates = folder.photos().stream().filter(photo -> !Split.heldBack(photo.objectId(), heldBack)).toList();
    List<PhotoFile> all = candidates.isEmpty() ? folder.photos() : candidates;
    Preprocessor preprocessor = new Preprocessor(of.preprocessing());
    List<byte[]> samples = new ArrayList<>();
    int count = Math.min(SAMPLES, all.size());
    for (int i = 0; i < count; i++) {
      samples.add(preprocessor.pixels(all.get((int) ((long) i * all.size() / count)).read(ImageLimits.LOCAL), ImageLimits.LOCAL));
    }
    return samples;
  }

  private RetrievalReport evaluate(Bundle of, Map<String, List<Photo>> objects) {
    EncodingProgress progress = new EncodingProgress();
    try (progress; Model model = Model.load(of, RuntimeOptions.cpu())) {
      return new Evaluation(model, ImageLimits.LOCAL, IMAGES, draws, 0).halves(objects, progress);
    }
  }

  private String description(Bundle original, Bundle trial, RetrievalReport report, Difference difference, double speed)
      throws IOException {
    String what = switch (kind) {
      case HALF -> "with the encoder's weights stored as float16; it computes in float32";
      case INT8 -> "whose encoder multiplies by its weight matrices in integers of seven bits (a scale for each column), with inputs of"
          + " eight bits whose range is that of " + SAMPLES + " photos. Convolutions and attention stay float32. On other processors more"
          + " of the last digits may differ than with float32";
    };
    return String.format(Locale.ROOT, "%s %s.%n%n**Beside the original**, on %d objects (n = %d, %d draws, the same for both): AR@10 of"
            + " what is aggregated %+.4f ± %.4f (standard error). The encoder has %.0f %% of the bytes and was %.2f times as fast, in"
            + " batches of 16 in one thread of the machine that wrote this%s.",
        original.version(), what, report.objects(), report.n(), draws, difference.mean(), difference.standardError(),
        100.0 * Files.size(trial.encoder()) / Files.size(original.encoder()), speed,
        speed < 1 ? ": **slower** than the original, so it is worth its size alone here" : "").replace("\r\n", "\n");
  }

  private void print(Bundle original, RetrievalReport before, Bundle written, RetrievalReport after, double speed) throws IOException {
    Map<String, RetrievalReport> reports = new LinkedHashMap<>();
    reports.put(original.version(), before);
    reports.put(written.version(), after);
    PrintWriter to = spec.commandLine().getOut();
    to.printf("Wrote %s%n%s", out, RetrievalTable.of(reports));
    to.printf(Locale.ROOT, "Encoder: %,d KB instead of %,d, %.2f times as fast here%n", Files.size(written.encoder()) / 1024,
        Files.size(original.encoder()) / 1024, speed);
    to.flush();
  }
}
