package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.StreamBench;
import io.accrete.bench.StreamBench.Settings;
import io.accrete.bench.StreamThroughput;
import io.accrete.bench.StreamThroughput.Round;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench stream}: the app against its bare encoder. */
@Command(name = "stream", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Streams photos through the app, on a cluster in this process, and compares its rate with that of the encoder alone in its best "
        + "batch, decoding included; and the same with a simulated accelerator, which decodes, too, and takes a fixed time for a batch."})
final class BenchStreamCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "3",
      description = "Rounds of the app and the bare encoder in turn (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--images", paramLabel = "N", defaultValue = "8000",
      description = "Photos of a round (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--simulated-images", paramLabel = "N", defaultValue = "48000",
      description = "Photos of the run with the simulated accelerator (default: ${DEFAULT-VALUE}).")
  private int simulatedImages;

  @Option(names = "--device-millis", paramLabel = "MS", defaultValue = "40",
      description = "Time of the simulated accelerator for a batch (default: ${DEFAULT-VALUE}).")
  private long deviceMillis;

  @Option(names = "--kilobytes", paramLabel = "N", defaultValue = "20",
      description = "Size to which the simulated accelerator's photos are filled up (default: ${DEFAULT-VALUE}).")
  private int kilobytes;

  @Option(names = "--references", description = "Events say where their photos are, rather than hold them.")
  private boolean references;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    StreamThroughput measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      Settings settings = new Settings(Bundles.configured(config), photos.contents(shown), rounds, images, simulatedImages,
          deviceMillis, kilobytes, references);
      measures = new StreamBench(settings, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(StreamThroughput of) {
    StreamThroughput.Simulated simulated = of.simulated();
    StringBuilder rounds = new StringBuilder(line("%,d photos a round, %d stream threads; bare encoder: %d batches of %d at a time",
        of.images(), of.threads(), of.bareBatchesAtOnce(), of.bareBatch()));
    rounds.append(line("%-10s %15s %15s %12s %10s", "round", "bare, images/s", "app, images/s", "mean batch", "ratio"));
    for (int i = 0; i < of.rounds().size(); i++) {
      Round round = of.rounds().get(i);
      rounds.append(line("%-10d %15.1f %15.1f %12.1f %10.3f", i + 1, round.bareImagesPerSecond(), round.imagesPerSecond(),
          round.meanBatch(), round.ratio()));
    }
    return rounds
        + line("%-10s %55.3f", "median", of.ratioToBareEncoder())
        + line("")
        + line("%,d photos of %.0f KB", simulated.images(), simulated.photoBytes() / 1024)
        + line("%-34s %12s %12s", "", "images/s", "mean batch")
        + line("%-34s %12.1f %12.1f", "app, " + simulated.deviceMillis() + " ms accelerator", simulated.imagesPerSecond(),
            simulated.meanBatch())
        + line("The accelerator was busy %.1f%% of the time; photos waited %.0f ms for their batch.", 100 * simulated.busyRatio(),
            simulated.queueMillis())
        + line("A photo took %.2f ms of the processor. At the accelerator's %,.0f images/s that is %.1f cores; there are %d.",
            simulated.processorMillis(), simulated.capacity(), simulated.coresAtCapacity(), Runtime.getRuntime().availableProcessors());
  }
}
