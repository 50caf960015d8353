package io.accrete.cli;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.checkpoint.HuggingFace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete models import}: a checkpoint or a foreign ONNX encoder becomes a bundle. */
@Command(
    name = "import",
    description = "Makes a bundle from a Hugging Face checkpoint (a folder) or from any ONNX image encoder (a file).",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ModelsImportCommand implements Callable<Integer> {
  @Option(names = "--from", required = true, paramLabel = "DIR|FILE.onnx",
      description = "Folder with config.json, model.safetensors and preprocessor_config.json; or an ONNX file.")
  private Path from;

  @Option(names = "--out", required = true, paramLabel = "BUNDLE", description = "Folder to write the bundle to.")
  private Path out;

  @Option(names = "--name", description = "Name of the model; its version begins with it. Default: the name of the folder or file.")
  private String name;

  @Option(names = "--force", description = "Replace a bundle that is there already.")
  private boolean force;

  @Option(names = {"--image-size", "--size"}, paramLabel = "PIXELS",
      description = "Side of the square image. Default: what the checkpoint's preprocessing or the ONNX file's input says.")
  private int imageSize;

  @Option(names = "--half", description = "Store weight matrices as float16 (checkpoints only); the computation stays float32.")
  private boolean half;

  @ArgGroup(exclusive = false, heading = "%nAggregator%n")
  private AggregatorOptions aggregator = new AggregatorOptions();

  @ArgGroup(exclusive = false, heading = "%nONNX files%n")
  private ForeignOptions foreign = new ForeignOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!Files.exists(from)) {
      throw new IllegalArgumentException("There is nothing at " + from + "; --from must name a checkpoint's folder or an ONNX file.");
    }
    EncoderGraph encoder = Files.isDirectory(from) ? HuggingFace.read(from).encoder(imageSize, half) : foreign.wrap(from, imageSize);
    AggregatorGraph folding = aggregator.graph(encoder);
    String description = "An encoder imported from `" + from.toAbsolutePath().normalize().getFileName() + "`, with "
        + aggregator.description() + ".";
    Bundle bundle = BundleWriter.write(new BundleDraft(modelName(), description, encoder, folding), out, force);
    spec.commandLine().getOut().printf("Wrote %s%n", out);
    ModelsShowCommand.print(bundle, spec.commandLine().getOut());
    return 0;
  }

  private String modelName() {
    if (name != null) {
      return name;
    }
    String file = from.toAbsolutePath().normalize().getFileName().toString()
        .replaceFirst("\\.onnx$", "").replaceAll("[^A-Za-z0-9._-]", "-");
    String start = file.replaceFirst("^[._-]+", "");
    return start.isEmpty() ? "imported" : start.substring(0, Math.min(start.length(), 80));
  }
}
