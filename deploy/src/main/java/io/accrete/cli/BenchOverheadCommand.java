package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.Overhead;
import io.accrete.bench.OverheadBench;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench overhead}: the topology without a model beside the smallest aggregation. */
@Command(name = "overhead", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Streams events through the app with a model that costs nothing, and through the smallest Kafka Streams aggregation: the same records, "
        + "partitions, threads and guarantee, one store with as large a state, one record out for each in. On a cluster in this process."})
final class BenchOverheadCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--images", paramLabel = "N", defaultValue = "600000", description = "Events of a round (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--bytes", paramLabel = "N", defaultValue = "200",
      description = "Bytes of a photo, which nobody decodes (default: ${DEFAULT-VALUE}).")
  private int bytes;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "3",
      description = "Rounds of both, after one that warms up (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    Overhead measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      OverheadBench.Settings settings = new OverheadBench.Settings(Bundles.configured(config), images, bytes, rounds);
      measures = new OverheadBench(settings, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(Overhead of) {
    StringBuilder table = new StringBuilder(line("%,d events of %,d bytes; states of %,d bytes, embeddings of %,d", of.images(),
        of.photoBytes(), of.stateBytes(), of.embeddingBytes()));
    table.append(line("%-12s %20s %12s %8s", "images/s", "plain aggregation", "app", "ratio"));
    for (int round = 0; round < of.rounds().size(); round++) {
      table.append(row("round " + (round + 1), of.rounds().get(round)));
    }
    return table.append(row("median", of.median())).toString();
  }

  private static String row(String name, Overhead.Round of) {
    return line("%-12s %,20.0f %,12.0f %8.2f", name, of.plainImagesPerSecond(), of.imagesPerSecond(), of.ratio());
  }
}
