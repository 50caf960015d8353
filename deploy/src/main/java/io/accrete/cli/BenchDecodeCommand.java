package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.DecodeBench;
import io.accrete.bench.DecodeBench.Settings;
import io.accrete.bench.DecodeMeasures;
import io.accrete.config.AccreteConfig;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
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
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Medians are over so many (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  public Integer call() throws Exception {
    AccreteConfig config = options.load();
    DecodeMeasures measures;
    try (BenchProgress shown = new BenchProgress()) {
      Settings settings = new Settings(Bundles.configured(config), photos.all(shown), rounds);
      AtomicLong steps = new AtomicLong();
      shown.begins("Step", settings.total());
      measures = new DecodeBench(settings, () -> shown.reached(steps.incrementAndGet())).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(DecodeMeasures of) {
    StringBuilder table = new StringBuilder(line("Encoder of %s, batches of %d: %.2f ms a photo", of.bundle(), of.batch(),
        of.encoderMillis()));
    table.append(line("%10s %8s %12s %12s %16s", "megapixels", "KB", "decode ms", "to pixels ms", "by the encoder's"));
    of.sizes().forEach(size -> table.append(line("%10.2f %8.0f %12.2f %12.2f %16.2f", size.megapixels(), size.kilobytes(),
        size.decodeMillis(), size.pixelsMillis(), size.ratioToEncoder())));
    return table.toString();
  }
}
