package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.Manifest;
import io.accrete.bundle.Preprocessing;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models show}: what a bundle is. */
@Command(name = "show", description = "Prints a bundle's version, shapes, preprocessing, lineage and scores.",
    mixinStandardHelpOptions = true)
final class ModelsShowCommand implements Callable<Integer> {
  @Parameters(paramLabel = "BUNDLE", description = "Folder of the bundle.")
  private Path folder;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    print(Bundle.read(folder), spec.commandLine().getOut());
    return 0;
  }

  static void print(Bundle bundle, PrintWriter out) {
    Manifest.Shapes shapes = bundle.manifest().shapes();
    Preprocessing preprocessing = bundle.preprocessing();
    row(out, "version", bundle.version());
    row(out, "image", shapes.imageSize() + " x " + shapes.imageSize() + " pixels, "
        + preprocessing.resize().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " resized to " + preprocessing.resizeTo() + " ("
        + preprocessing.resample().name().toLowerCase(Locale.ROOT) + "), cropped");
    row(out, "pixels", "(p * " + preprocessing.rescaleFactor() + " - " + preprocessing.mean() + ") / " + preprocessing.std());
    row(out, "tokens", shapes.tokens() + " x " + shapes.dimension() + " (1 CLS, " + shapes.registers() + " registers, "
        + (shapes.tokens() - 1 - shapes.registers()) + " patches)");
    row(out, "state", shapes.stateTokens() + " x " + shapes.dimension());
    row(out, "embedding", shapes.embedding() + ", unit length");
    row(out, "opset", Integer.toString(bundle.manifest().opset()));
    row(out, "encoder", bundle.encoderSha256());
    row(out, "aggregator", bundle.aggregatorSha256());
    row(out, "size", bundle.manifest().files().values().stream().mapToLong(Manifest.FileInfo::bytes).sum() / 1000 + " kB in "
        + bundle.manifest().files().size() + " files");
    bundle.manifest().lineage().forEach((key, value) -> row(out, "lineage." + key, value));
    bundle.manifest().metrics().forEach((key, value) -> row(out, "metrics." + key, String.format(Locale.ROOT, "%.4f", value)));
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf("%-24s %s%n", name, value);
  }
}
