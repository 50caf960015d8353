package io.accrete.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.accrete.bench.BenchPhoto;
import io.accrete.bench.FlinkBench;
import io.accrete.bench.FlinkBench.Settings;
import io.accrete.bench.FlinkComparison;
import io.accrete.bench.JobMeasures;
import io.accrete.bench.BenchObserver;
import io.accrete.config.AccreteConfig;
import io.accrete.image.PhotoFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int PRODUCTS = 16;
  private static final int PHOTOS_PER_PRODUCT = 8;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--photos", paramLabel = "DIR",
      description = "A directory or a .zip with one folder for each object; without it photos are rendered.")
  private Path photos;

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

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireJob();
    BenchRolloutCommand.requireEmpty(data);
    AccreteConfig config = options.load();
    FlinkComparison result;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(data, false)) {
      Settings settings = new Settings(Bundles.configured(config), flink, photos(), images, events, deviceMillis, checkpointMillis);
      try (Progress progress = Progress.start("Photos", settings.total(), System.err)) {
        result = new FlinkBench(settings, config, directory.path(), progress::stepTo).run();
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? JSON.writeValueAsString(result) + "\n" : table(result));
    out.flush();
    return 0;
  }

  private void requireJob() {
    if (flink == null || !Files.isDirectory(flink)) {
      throw new IllegalArgumentException("The job on Flink is not built; 'mvn -Pflink -Dmaven.test.skip=true package' in the sources "
          + "builds it, and --flink bench-flink/target/flink/lib says where it is.");
    }
  }

  private List<byte[]> photos() throws IOException {
    BenchObserver silent = new BenchObserver() {
      @Override
      public void begins(String task, long steps) {}

      @Override
      public void reached(long step) {}
    };
    if (photos == null) {
      return BenchPhoto.rendered(PRODUCTS, PHOTOS_PER_PRODUCT, silent).stream().map(BenchPhoto::bytes).toList();
    }
    try (PhotoFolder folder = PhotoFolder.scan(photos)) {
      return BenchPhoto.of(folder, silent).stream().map(BenchPhoto::bytes).toList();
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

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format + "%n", arguments);
  }
}
