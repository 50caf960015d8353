package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.LatencyBench;
import io.accrete.bench.LatencyMeasures;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench latency}: from event to embedding at a steady rate. */
@Command(name = "latency", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Finds out how many photos a second the app can do, on a cluster in this process, then sends live events at a share of that rate. Each "
        + "is timed from when it was to be sent until its embedding can be read; beside what decoding and encoding a photo alone takes."})
final class BenchLatencyCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--images", paramLabel = "N", defaultValue = "2000",
      description = "Photos to find the capacity with (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--events", paramLabel = "N", defaultValue = "2000", description = "Live events (default: ${DEFAULT-VALUE}).")
  private int events;

  @Option(names = "--load", paramLabel = "SHARE", defaultValue = "0.5",
      description = "Their rate by the capacity (default: ${DEFAULT-VALUE}).")
  private double load;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    LatencyMeasures measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      LatencyBench.Settings settings = new LatencyBench.Settings(Bundles.configured(config), photos.contents(shown), images, events, load);
      measures = new LatencyBench(settings, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(LatencyMeasures of) {
    return line("capacity %.1f images/s; %,d live events at %.1f/s", of.capacity(), of.latencies().events(), of.rate())
        + line("%-30s %10s %10s", "event to embedding", "p50", "p99")
        + line("%-30s %10.1f %10.1f", "ms", of.latencies().p50(), of.latencies().p99())
        + line("%-30s %10.1f %10.1f", String.format(Locale.ROOT, "by the bare encoder's %.1f ms", of.bareMillis()), of.p50Ratio(),
            of.p99Ratio());
  }
}
