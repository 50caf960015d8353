package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.NaiveBench;
import io.accrete.bench.NaiveThroughput;
import io.accrete.bench.NaiveThroughput.Comparison;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench naive}: encoding ahead beside one record at a time. */
@Command(name = "naive", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Streams photos through the app, on a cluster in this process, and again with encode.ahead.bytes=0, which encodes each photo alone "
        + "when its event's turn comes; by the model's encoder and by a simulated accelerator, which takes a fixed time for a batch."})
final class BenchNaiveCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "3",
      description = "Rounds of both ways in turn, with the model's encoder (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--images", paramLabel = "N", defaultValue = "8000",
      description = "Photos of a run; one at a time on the accelerator, a sixteenth of them (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--device-millis", paramLabel = "MS", defaultValue = "40",
      description = "Time of the simulated accelerator for a batch (default: ${DEFAULT-VALUE}).")
  private long deviceMillis;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    NaiveThroughput measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      NaiveBench.Settings settings = new NaiveBench.Settings(Bundles.configured(config), photos.contents(shown), rounds, images,
          deviceMillis);
      measures = new NaiveBench(settings, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(NaiveThroughput of) {
    StringBuilder table = new StringBuilder(line("%d stream threads", of.threads()));
    table.append(line("%-30s %12s %12s %12s %8s", "images/s", "ahead", "mean batch", "one by one", "ratio"));
    for (int round = 0; round < of.rounds().size(); round++) {
      table.append(row("the model's encoder, round " + (round + 1), of.rounds().get(round)));
    }
    return table.append(row("median", of.real())).append(row(of.deviceMillis() + " ms accelerator", of.simulated())).toString();
  }

  private static String row(String name, Comparison of) {
    return line("%-30s %12.1f %12.1f %12.1f %8.2f", name, of.aheadImagesPerSecond(), of.meanBatch(), of.naiveImagesPerSecond(),
        of.ratio());
  }
}
