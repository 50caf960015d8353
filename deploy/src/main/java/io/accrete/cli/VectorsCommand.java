package io.accrete.cli;

import io.accrete.trainer.vectors.DinoVectors;
import io.accrete.vectors.GoldenVectors;
import io.accrete.vectors.VectorResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete vectors}: golden vectors through the code that the product uses. */
@Command(
    name = "vectors",
    description = "Runs every golden-vector file of a folder and prints the largest error of each;"
        + " exits with 1 if one is above its tolerance.",
    mixinStandardHelpOptions = true)
final class VectorsCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR", description = "Folder with *.json and preprocess/cases.json.")
  private Path directory;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<VectorResult> results = GoldenVectors.run(directory, Map.of("dino_head_and_loss.json", DinoVectors::run));
    for (VectorResult result : results) {
      String outcome = result.notRun() == null ? String.format(Locale.ROOT, "%.3e", result.maxError()) : "not run: " + result.notRun();
      out.println(result.file() + " " + outcome);
      result.failures().forEach(failure -> err.println(result.file() + ": " + failure));
    }
    return results.stream().allMatch(VectorResult::passed) ? 0 : 1;
  }
}
