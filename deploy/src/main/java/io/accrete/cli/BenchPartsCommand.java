package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.PartsBench;
import io.accrete.bench.PartsBench.Settings;
import io.accrete.bench.PartsMeasures;
import io.accrete.config.AccreteConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench parts}: the small parts of a photo's way, each alone. */
@Command(name = "parts", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Times the parts of a photo's way, each alone, in one thread, by JMH: decoding and preprocessing, of photos as they are and enlarged "
        + "to 1, 3 and 12 megapixels; encoding and folding, in batches of 1 to 64."})
final class BenchPartsCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "5",
      description = "Rounds for each part, after as many that warm up (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--millis", paramLabel = "MS", defaultValue = "1000", description = "Of a round (default: ${DEFAULT-VALUE}).")
  private long millis;

  @Override
  public Integer call() throws Exception {
    AccreteConfig config = options.load();
    PartsMeasures measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      Settings settings = new Settings(Bundles.configured(config), photos.all(shown), rounds, millis);
      measures = new PartsBench(settings, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(PartsMeasures of) {
    StringBuilder table = new StringBuilder(line("%s, in one thread", of.bundle()));
    table.append(line("%10s %22s %22s %16s", "batch", "encode ms, for a photo", "fold ms, for an object", "by the encoder's"));
    of.batches().forEach(batch -> table.append(line("%10d %22.2f %22.3f %16.3f", batch.size(), batch.encodeMillis(), batch.foldMillis(),
        batch.foldRatioToEncoder())));
    table.append(line("%10s %8s %12s %12s %16s", "megapixels", "KB", "decode ms", "to pixels ms", "by the encoder's"));
    of.sizes().forEach(size -> table.append(line("%10.2f %8.0f %12.2f %12.2f %16.2f", size.megapixels(), size.kilobytes(),
        size.decodeMillis(), size.pixelsMillis(), size.ratioToEncoder())));
    return table.toString();
  }
}
