package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleVerifier;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models verify}: hashes, signatures and golden outputs. */
@Command(
    name = "verify",
    description = "Checks a bundle's files and recomputes its golden outputs; prints the largest error. Fails above the tolerance.",
    mixinStandardHelpOptions = true)
final class ModelsVerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "BUNDLE", description = "Folder of the bundle.")
  private Path folder;

  @Option(names = "--golden", paramLabel = "FILE",
      description = "JSON with pixel_values and last_hidden_state of the original model, compared too.")
  private Path golden;

  @Option(names = "--tolerance", description = "Largest error allowed, relative where values are above 1. Default: ${DEFAULT-VALUE}.")
  private double tolerance = BundleVerifier.TOLERANCE;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    boolean good = report("golden outputs of the bundle", BundleVerifier.verify(folder));
    if (golden != null) {
      good &= report(golden.toString(), BundleVerifier.verify(Bundle.read(folder), golden));
    }
    return good ? 0 : 1;
  }

  private boolean report(String what, double error) {
    boolean good = error <= tolerance;
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: largest error %.2e (%s the tolerance of %.0e)%n",
        what, error, good ? "within" : "ABOVE", tolerance);
    return good;
  }
}
