package io.accrete.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.accrete.bench.BenchPhoto;
import io.accrete.bench.DecodeBench;
import io.accrete.bench.DecodeBench.Settings;
import io.accrete.bench.DecodeMeasures;
import io.accrete.bench.RolloutBench;
import io.accrete.config.AccreteConfig;
import io.accrete.image.PhotoFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench decode}: from photos to pixels, beside the encoder. */
@Command(name = "decode", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Times what becomes of a photo before the encoder sees it (decoding, resizing, cropping) beside the encoder, in one thread each, for "
        + "photos as they are and enlarged to 1, 3 and 12 megapixels."})
final class BenchDecodeCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int PRODUCTS = 16;
  private static final int VIEWS = 4;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--photos", paramLabel = "DIR",
      description = "A directory or a .zip with one folder for each object; without it photos are rendered.")
  private Path photos;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Medians are over so many (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    AccreteConfig config = options.load();
    Settings settings = new Settings(Bundles.configured(config), photos(), rounds);
    DecodeMeasures result;
    try (Progress progress = Progress.start("Step", settings.total(), System.err)) {
      result = new DecodeBench(settings, progress::step).run();
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? JSON.writeValueAsString(result) + "\n" : table(result));
    out.flush();
    return 0;
  }

  private List<BenchPhoto> photos() throws Exception {
    if (photos == null) {
      return BenchPhoto.rendered(PRODUCTS, VIEWS, new Quiet());
    }
    try (PhotoFolder folder = PhotoFolder.scan(photos)) {
      return BenchPhoto.of(folder, new Quiet());
    }
  }

  private static String table(DecodeMeasures of) {
    StringBuilder table = new StringBuilder(line("Encoder of %s, batches of %d: %.2f ms a photo", of.bundle(), of.batch(),
        of.encoderMillis()));
    table.append(line("%10s %8s %12s %12s %16s", "megapixels", "KB", "decode ms", "to pixels ms", "by the encoder's"));
    of.sizes().forEach(size -> table.append(line("%10.2f %8.0f %12.2f %12.2f %16.2f", size.megapixels(), size.kilobytes(),
        size.decodeMillis(), size.pixelsMillis(), size.ratioToEncoder())));
    return table.toString();
  }

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format + "%n", arguments);
  }

  /** Photos are there within seconds. */
  private static final class Quiet implements RolloutBench.Observer {
    @Override
    public void begins(String task, long steps) {}

    @Override
    public void reached(long step) {}
  }
}
