package io.accrete.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.accrete.bench.StreamBench;
import io.accrete.bench.StreamBench.Settings;
import io.accrete.bench.StreamThroughput;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench stream}: the app against its bare encoder. */
@Command(name = "stream", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Streams rendered photos through the app, on a cluster in this process, and compares its rate with that of the encoder alone in its "
        + "best batch, decoding included; then the same with a simulated accelerator, which takes a fixed time for a batch."})
final class BenchStreamCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--images", paramLabel = "N", defaultValue = "2000", description = "Photos of each run (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--device-millis", paramLabel = "MS", defaultValue = "40",
      description = "Time of the simulated accelerator for a batch (default: ${DEFAULT-VALUE}).")
  private long deviceMillis;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    Settings settings = new Settings(Bundles.configured(config), images, deviceMillis);
    StreamThroughput result;
    try (DemoDirectory directory = DemoDirectory.open(null, false);
        Progress progress = Progress.start("Photos", settings.total(), System.err)) {
      result = new StreamBench(settings, config, directory.path(), progress::stepTo).run();
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? JSON.writeValueAsString(result) + "\n" : table(result));
    out.flush();
    return 0;
  }

  private static String table(StreamThroughput of) {
    return line("%d photos a run, %d stream threads", of.images(), of.threads())
        + line("%-34s %10s %12s", "", "images/s", "mean batch")
        + line("%-34s %10.1f %12d", "bare encoder, photos decoded", of.bareImagesPerSecond(), of.bareBatch())
        + line("%-34s %10.1f %12.1f", "app", of.imagesPerSecond(), of.meanBatch())
        + line("%-34s %10.3f", "ratio", of.ratioToBareEncoder())
        + line("%-34s %10.1f %12.1f", "app, " + of.simulated().deviceMillis() + " ms accelerator", of.simulated().imagesPerSecond(),
            of.simulated().meanBatch())
        + line("The accelerator was busy %.1f%% of the time; photos waited %.0f ms for their batch.", 100 * of.simulated().busyRatio(),
            of.simulated().queueMillis());
  }

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format + "%n", arguments);
  }
}
