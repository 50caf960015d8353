package io.accrete.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.accrete.bundle.Bundle;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete eval}: how well a bundle finds objects again. */
@Command(
    name = "eval",
    description = {
      "Scores a bundle at finding objects by their photos: AR@10 (the mean over k = 1 to 10 of recall at k) and R@1, for single photos, "
          + "per-rank maximum, the mean of embeddings, and the bundle's aggregator.",
      "Folders are objects. The same folder on both sides means disjoint halves of each object. Objects with fewer than N photos on a side "
          + "take part with what they have; objects without any on one side are left out."},
    mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(names = "--bundle", required = true, paramLabel = "BUNDLE", description = "Folder of the bundle.")
  private Path bundle;

  @Option(names = "--gallery", required = true, paramLabel = "DIR", description = "Photos to search among.")
  private Path gallery;

  @Option(names = "--query", required = true, paramLabel = "DIR", description = "Photos to search with.")
  private Path query;

  @Option(names = "--images", required = true, paramLabel = "N", description = "Photos of each object on each side.")
  private int images;

  @Option(names = "--seeds", paramLabel = "K", defaultValue = "5", description = "Number of random draws (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    RetrievalReport report = evaluate();
    if (!report.leftOut().isEmpty()) {
      spec.commandLine().getErr().printf("Left out %d objects without usable photos on both sides: %s%n",
          report.leftOut().size(), abbreviated(report.leftOut()));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? JSON.writeValueAsString(report) + "\n" : RetrievalTable.of(report));
    out.flush();
    return 0;
  }

  private RetrievalReport evaluate() throws IOException {
    Map<String, List<Photo>> photos = Photo.objects(PhotoFolder.scan(gallery));
    Map<String, List<Photo>> others = Files.isSameFile(gallery, query) ? null : Photo.objects(PhotoFolder.scan(query));
    EncodingProgress progress = new EncodingProgress();
    try (progress; Model model = Model.load(Bundle.read(bundle), RuntimeOptions.cpu())) {
      Evaluation evaluation = new Evaluation(model, ImageLimits.LOCAL, images, seeds, 0);
      return others == null ? evaluation.halves(photos, progress) : evaluation.between(photos, others, progress);
    }
  }

  private static String abbreviated(List<String> names) {
    return names.size() <= 10 ? String.join(", ", names) : String.join(", ", names.subList(0, 10)) + ", ...";
  }
}
