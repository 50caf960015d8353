package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.FlinkBench;
import io.accrete.bench.FlinkBench.Settings;
import io.accrete.bench.FlinkComparison;
import io.accrete.bench.JobMeasures;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench flink}: the app against the same job on Apache Flink. */
@Command(name = "flink", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Streams photos through the app and through the same job on Apache Flink, each in a process of its own, and compares how many images a "
        + "second they do, by the real encoder and by a simulated accelerator, and how long an event takes at half of that rate."})
final class BenchFlinkCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--images", paramLabel = "N", defaultValue = "2000",
      description = "Photos timed in each run (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--events", paramLabel = "N", defaultValue = "1000",
      description = "Events sent at the steady rate (default: ${DEFAULT-VALUE}).")
  private int events;

  @Option(names = "--device-millis", paramLabel = "MS", defaultValue = "40",
      description = "Time of the simulated accelerator for a batch (default: ${DEFAULT-VALUE}).")
  private long deviceMillis;

  @Option(names = "--checkpoint-millis", paramLabel = "MS", split = ",", defaultValue = "1000,100,10",
      description = "Times between Flink's checkpoints (default: ${DEFAULT-VALUE}).")
  private List<Long> checkpointMillis;

  @Option(names = "--flink", paramLabel = "DIR", defaultValue = "${sys:accrete.flink}",
      description = "Jars of the job on Flink (default: those that 'accrete' built).")
  private Path flink;

  @Option(names = "--data", paramLabel = "DIR",
      description = "Where to keep everything, an empty directory; without it a temporary one, removed at the end.")
  private Path data;

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireJob();
    BenchRolloutCommand.requireEmpty(data);
    AccreteConfig config = options.load();
    FlinkComparison measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(data, false);
        BenchProgress shown = new BenchProgress()) {
      Settings settings =
          new Settings(Bundles.configured(config), flink, photos.contents(shown), images, events, deviceMillis, checkpointMillis);
      shown.begins("Photos", settings.total());
      measures = new FlinkBench(settings, config, directory.path(), shown::reached).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private void requireJob() {
    if (flink == null || !Files.isDirectory(flink)) {
      throw new IllegalArgumentException("The job on Flink is not built; 'mvn -Pflink -Dmaven.test.skip=true package' in the sources "
          + "builds it, and --flink bench-flink/target/flink/lib says where it is.");
    }
  }

  private static String table(FlinkComparison of) {
    StringBuilder table = new StringBuilder();
    table.append(line("%,d photos a run; latency at %.1f events/s", of.images(), of.rate()));
    table.append(line("%-32s %10s %16s %10s %10s", "", "images/s", of.deviceMillis() + " ms device", "p50 ms", "p99 ms"));
    row(table, "app, commits every " + of.commitMillis() + " ms", of.app());
    for (FlinkComparison.Flink flink : of.flink()) {
      row(table, "Flink, checkpoints every " + flink.checkpointMillis() + " ms", flink.measures());
      table.append(line("%-32s %10.2f %16.2f %10.2f %10.2f", "app by that", flink.throughputRatio(), flink.simulatedRatio(),
          flink.p50Ratio(), flink.p99Ratio()));
    }
    return table.toString();
  }

  private static void row(StringBuilder table, String name, JobMeasures of) {
    table.append(line("%-32s %10.1f %16.1f %10.1f %10.1f", name, of.imagesPerSecond(), of.simulatedImagesPerSecond(), of.latency().p50(),
        of.latency().p99()));
  }
}
