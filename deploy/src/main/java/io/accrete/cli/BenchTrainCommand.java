package io.accrete.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.accrete.bench.TrainingBench;
import io.accrete.bench.TrainingBench.Settings;
import io.accrete.bench.TrainingThroughput;
import io.accrete.trainer.torch.Libtorch;
import io.accrete.trainer.torch.Precision;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench train}: the training loop against plain libtorch. */
@Command(name = "train", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Times a step of the training loop against the same step in the plainest libtorch code, in turn, on rendered photos; and how long "
        + "the loop waits for data."})
final class BenchTrainCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Spec private CommandSpec spec;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "128", description = "Photos in a batch (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--size", paramLabel = "PIXELS", defaultValue = "64", description = "Side of the views (default: ${DEFAULT-VALUE}).")
  private int size;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "20", description = "Timed steps of each kind (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(names = "--precision", paramLabel = "auto|bfloat16|float32", defaultValue = "auto",
      description = "Of products and convolutions (default: ${DEFAULT-VALUE}).")
  private Precision precision;

  @Option(names = "--data", description = "Compare with the data pipeline running on our side.")
  private boolean data;

  @Option(names = "--loaders", paramLabel = "N", defaultValue = "2",
      description = "Threads that prepare photos (default: ${DEFAULT-VALUE}).")
  private int loaders;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Libtorch.require();
    Settings settings = new Settings(batch, size, steps, data, loaders, precision);
    TrainingThroughput result;
    try (Progress progress = Progress.start("Step", settings.total(), System.err)) {
      result = new TrainingBench(settings, progress::step).run();
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? JSON.writeValueAsString(result) + "\n" : table(result));
    out.flush();
    return 0;
  }

  private static String table(TrainingThroughput of) {
    return line("batch of %d, %d pixels, %s, %d steps of each kind", of.batch(), of.size(), of.precision(), of.steps())
        + line("%-22s %10s %12s %14s", "", "images/s", "s a step", "processor s")
        + line("%-22s %10.1f %12.3f %14.3f", of.data() ? "training loop and data" : "training loop", of.imagesPerSecond(),
            of.secondsPerStep(), of.processorSecondsPerStep())
        + line("%-22s %10.1f %12.3f %14.3f", "plain libtorch", of.plainImagesPerSecond(), of.plainSecondsPerStep(),
            of.plainProcessorSecondsPerStep())
        + line("%-22s %10.3f %12s %14.3f", "ratio", of.ratio(), "", of.processorRatio())
        + line("The loop alone, with its data: %.1f images/s, waiting for data %.1f%% of the time.", of.loopImagesPerSecond(),
            100 * of.idle());
  }

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format + "%n", arguments);
  }
}
