package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.BenchBundles;
import io.accrete.bench.BenchObserver;
import io.accrete.bench.BenchPhoto;
import io.accrete.bench.Latencies;
import io.accrete.bench.LiveMeasures;
import io.accrete.bench.Proof;
import io.accrete.bench.RefoldMeasures;
import io.accrete.bench.RolloutBench;
import io.accrete.bench.RolloutBench.Settings;
import io.accrete.bench.RolloutMeasures;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.image.PhotoFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench rollout}: a rollout under live traffic, measured and proven. */
@Command(name = "rollout", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Rolls a model version out and back under live traffic, on a cluster in this process, and then one with another aggregator alone.",
    "It measures latencies and rates, and proves that nothing is missing, mixed, published twice or folded wrongly; else it returns 1."})
final class BenchRolloutCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--photos", paramLabel = "DIR",
      description = "A directory or a .zip with one folder for each object; without it photos are rendered.")
  private Path photos;

  @Option(names = "--objects", paramLabel = "N", defaultValue = "50", description = "Rendered objects (default: ${DEFAULT-VALUE}).")
  private int objects;

  @Option(names = "--images", paramLabel = "N", defaultValue = "24",
      description = "Rendered photos of each; an eighth of all is for the live traffic (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--from", paramLabel = "BUNDLE",
      description = "The version that serves first: a folder, or " + Bundles.NAMES + "; without it random weights.")
  private String from;

  @Option(names = "--to", paramLabel = "BUNDLE", description = "The version that takes over.")
  private String to;

  @Option(names = "--size", paramLabel = "PIXELS", defaultValue = "64",
      description = "Side of what encoders with random weights take (default: ${DEFAULT-VALUE}).")
  private int size;

  @Option(names = "--dimension", paramLabel = "N", defaultValue = "256",
      description = "Length of their tokens (default: ${DEFAULT-VALUE}).")
  private int dimension;

  @Option(names = "--depth", paramLabel = "N", defaultValue = "4", description = "Number of their blocks (default: ${DEFAULT-VALUE}).")
  private int depth;

  @Option(names = "--rate", paramLabel = "N", defaultValue = "0",
      description = "Live events a second (default: a quarter of what was folded a second).")
  private double rate;

  @Option(names = "--events", paramLabel = "N", defaultValue = "500",
      description = "Live events before the rollout, and a fifth of it after each flip (default: ${DEFAULT-VALUE}).")
  private int events;

  @Option(names = "--data", paramLabel = "DIR",
      description = "Where to keep everything, an empty directory; without it a temporary one, removed at the end.")
  private Path data;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    requireEmpty(data);
    RolloutMeasures measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(data, false);
        BenchProgress shown = new BenchProgress()) {
      Settings settings = new Settings(photos(shown), bundle(from, 1, "from", directory.path(), config),
          bundle(to, 11, "to", directory.path(), config), rate, events);
      measures = new RolloutBench(settings, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    measures.problems().forEach(problem -> spec.commandLine().getErr().println("accrete: " + problem));
    return measures.problems().isEmpty() ? 0 : 1;
  }

  static void requireEmpty(Path directory) throws IOException {
    if (directory != null && Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        if (files.findAny().isPresent()) {
          throw new IllegalArgumentException("Expected an empty directory for --data, found files in " + directory.toAbsolutePath()
              + ". Choose another.");
        }
      }
    }
  }

  private List<BenchPhoto> photos(BenchObserver observer) throws IOException {
    if (photos == null) {
      return BenchPhoto.rendered(objects, images, observer);
    }
    try (PhotoFolder folder = PhotoFolder.scan(photos)) {
      return BenchPhoto.of(folder, observer);
    }
  }

  private Bundle bundle(String name, long seed, String folder, Path directory, AccreteConfig config) {
    return name != null ? Bundles.named(name, config) : BenchBundles.write(directory.resolve(folder), seed, size, dimension, depth);
  }

  private static String table(RolloutMeasures of) {
    LiveMeasures live = of.live();
    StringBuilder table = new StringBuilder();
    table.append(line("%,d objects, %,d images folded at %.0f/s, then %.1f live events/s", live.objects(), live.images(),
        live.ingestImagesPerSecond(), live.rate()));
    table.append(line("%-30s %10s %10s %10s", "event to embedding", "events", "p50 ms", "p99 ms"));
    row(table, "before the rollout", live.before());
    row(table, "warming", live.warming());
    row(table, String.format(Locale.ROOT, "backfilling, %.1f s", live.backfillSeconds()), live.backfilling());
    row(table, "after the flip", live.after());
    table.append(line("%-30s %10s %10.2f %10.2f", "backfilling by before", "", live.p50Ratio(), live.p99Ratio()));
    table.append(line("%-30s %10s %10s %10s", "folded again at rest", "images/s", "s", "encoded"));
    row(table, "another encoder", of.encoding());
    row(table, "another aggregator alone", of.cached());
    table.append(line("%-30s %10.1f", "ratio", of.speedup()));
    table.append(line("%-30s %8s %8s %8s %8s %11s", "proof", "objects", "missing", "mixed", "twice", "difference"));
    row(table, "new version, flipped", live.flipped());
    row(table, "old version, rolled back", live.rolledBack());
    row(table, "new version, draining", live.draining());
    row(table, "another encoder", of.encoding().proof());
    row(table, "another aggregator", of.cached().proof());
    table.append(line(of.problems().isEmpty() ? "Everything is proven." : "Not everything is as it must be."));
    return table.toString();
  }

  private static void row(StringBuilder table, String name, Latencies of) {
    table.append(line("%-30s %,10d %10.1f %10.1f", name, of.events(), of.p50(), of.p99()));
  }

  private static void row(StringBuilder table, String name, RefoldMeasures of) {
    table.append(line("%-30s %,10.0f %10.1f %,10d", name, of.imagesPerSecond(), of.seconds(), of.encoded()));
  }

  private static void row(StringBuilder table, String name, Proof of) {
    table.append(line("%-30s %,8d %,8d %,8d %,8d %11.1e", name, of.objects(), of.missing(), of.mixed(), of.duplicates(),
        of.largestDifference()));
  }
}
