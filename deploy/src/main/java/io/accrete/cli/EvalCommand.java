package io.accrete.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFolder;
import io.accrete.retrieval.Evaluation;
import io.accrete.retrieval.Photo;
import io.accrete.retrieval.RetrievalReport;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete eval}: how well bundles find objects again. */
@Command(
    name = "eval",
    description = {
      "Scores bundles at finding objects by their photos: AR@10 (the mean over k = 1 to 10 of recall at k) and R@1.",
      "By the encoder alone: single photos, per-rank maximum, and the mean of the photos' embeddings. By the aggregator: served.single "
          + "(objects of one photo, as they are served), states (the mean of those), and aggregated (all photos folded).",
      "Folders are objects. The same folder on both sides means disjoint halves of each object. Objects with fewer than N photos on a side "
          + "take part with what they have; objects without any on one side are left out."},
    mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Mixin private ConfigOptions options;

  @Option(names = "--bundle", required = true, paramLabel = "BUNDLE",
      description = "Folder of the bundle, or " + Bundles.NAMES + "; given several times, the bundles are compared on the same draws.")
  private List<String> bundles;

  @ArgGroup(multiplicity = "1", exclusive = true)
  private Photos photos;

  @Option(names = "--images", required = true, paramLabel = "N", description = "Photos of each object on each side.")
  private int images;

  @Option(names = "--foreign", paramLabel = "K", defaultValue = "0",
      description = "Photos of each side, but never the first, that are exchanged for photos of random other objects, as where photos are "
          + "filed wrongly (default: ${DEFAULT-VALUE}).")
  private int foreign;

  @Option(names = "--draws", paramLabel = "K", defaultValue = "5", description = "Number of random draws (default: ${DEFAULT-VALUE}).")
  private int draws;

  @Option(names = "--held-back", arity = "0..1", paramLabel = "SHARE", fallbackValue = HeldBack.TRAINING_SHARE,
      description = "Only objects that a training run with this share holds back, and so never saw (without SHARE: ${FALLBACK-VALUE}).")
  private Double heldBack;

  @Option(names = "--json", description = "Print JSON; of several bundles, a list.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Where the photos are. */
  private static final class Photos {
    @Option(names = "--photos", required = true, paramLabel = "DIR", description = "Photos to search among and with.")
    private Path both;

    @ArgGroup(exclusive = false, multiplicity = "1")
    private Sides sides;

    private Path gallery() {
      return both == null ? sides.gallery : both;
    }

    private Path query() {
      return both == null ? sides.query : both;
    }
  }

  private static final class Sides {
    @Option(names = "--gallery", required = true, paramLabel = "DIR", description = "Photos to search among.")
    private Path gallery;

    @Option(names = "--query", required = true, paramLabel = "DIR", description = "Photos to search with.")
    private Path query;
  }

  /** One of several bundles in JSON. */
  private record Named(String bundle, @JsonUnwrapped RetrievalReport report) {}

  @Override
  public Integer call() throws IOException {
    AccreteConfig config = options.load();
    Map<String, Bundle> read = new LinkedHashMap<>();
    bundles.forEach(name -> read.put(name, Bundles.named(name, config)));
    Map<String, RetrievalReport> reports = new LinkedHashMap<>();
    try (PhotoFolder searched = PhotoFolder.scan(photos.gallery());
        PhotoFolder asked = Files.isSameFile(photos.gallery(), photos.query()) ? null : PhotoFolder.scan(photos.query())) {
      Map<String, List<Photo>> gallery = objects(searched);
      Map<String, List<Photo>> query = asked == null ? null : objects(asked);
      read.forEach((name, bundle) -> reports.put(name, evaluate(bundle, gallery, query)));
    }
    RetrievalReport first = reports.values().iterator().next();
    if (!first.leftOut().isEmpty()) { // which are left out depends on the photos alone
      spec.commandLine().getErr().printf("Left out %d objects without usable photos on both sides: %s%n",
          first.leftOut().size(), abbreviated(first.leftOut()));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (reports.size() == 1) {
      out.print(json ? JSON.writeValueAsString(first) + "\n" : RetrievalTable.of(first));
    } else {
      out.print(json ? JSON.writeValueAsString(named(reports)) + "\n" : RetrievalTable.of(reports));
    }
    out.flush();
    return 0;
  }

  private static List<Named> named(Map<String, RetrievalReport> reports) {
    return reports.entrySet().stream().map(entry -> new Named(entry.getKey(), entry.getValue())).toList();
  }

  private Map<String, List<Photo>> objects(PhotoFolder folder) {
    return heldBack == null ? Photo.objects(folder) : HeldBack.objects(folder, heldBack);
  }

  private RetrievalReport evaluate(Bundle bundle, Map<String, List<Photo>> gallery, Map<String, List<Photo>> query) {
    EncodingProgress progress = new EncodingProgress();
    try (progress; Model model = Model.load(bundle, RuntimeOptions.cpu())) {
      Evaluation evaluation = new Evaluation(model, ImageLimits.LOCAL, images, foreign, draws, 0);
      return query == null ? evaluation.halves(gallery, progress) : evaluation.between(gallery, query, progress);
    }
  }

  private static String abbreviated(List<String> names) {
    return names.size() <= 10 ? String.join(", ", names) : String.join(", ", names.subList(0, 10)) + ", ...";
  }
}
