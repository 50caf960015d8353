package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.IncrementalBench;
import io.accrete.bench.IncrementalCost;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench incremental}: what the n-th photo of an object costs. */
@Command(name = "incremental", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Gives objects one photo after the other, in the app on a cluster in this process, and times each; and replaces a photo now and then, "
        + "which makes the app fold the object's whole set again. One event after the other: one partition, one thread, nothing ahead."})
final class BenchIncrementalCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--most", paramLabel = "N", defaultValue = "256",
      description = "Photos of an object, a power of two (default: ${DEFAULT-VALUE}).")
  private int most;

  @Option(names = "--objects", paramLabel = "N", defaultValue = "16",
      description = "Objects that get photos in lockstep (default: ${DEFAULT-VALUE}).")
  private int objects;

  @Option(names = "--whole-sets", paramLabel = "N", defaultValue = "2",
      description = "Those of them whose whole sets are folded again (default: ${DEFAULT-VALUE}).")
  private int wholeSets;

  @Option(names = "--repetitions", paramLabel = "N", defaultValue = "3",
      description = "How often, with other objects each time (default: ${DEFAULT-VALUE}).")
  private int repetitions;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    IncrementalCost measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      IncrementalBench.Settings settings = new IncrementalBench.Settings(Bundles.configured(config), photos.contents(shown), most, objects,
          wholeSets, repetitions);
      measures = new IncrementalBench(settings, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(IncrementalCost of) {
    StringBuilder table = new StringBuilder(line("%d objects; medians", of.samples()));
    table.append(line("%10s %10s %14s %10s %14s %12s", "photo", "ms", "second ms", "ratio", "whole set ms", "by the photo"));
    of.steps().forEach(step -> table.append(line("%10d %10.2f %14.2f %10.3f %14.1f %12.1f", step.photo(), step.millis(),
        step.secondMillis(), step.ratioToSecond(), step.wholeSetMillis(), step.wholeSetRatio())));
    return table.append(line("ratio of the last to a second: %.3f", of.ratioLastToSecond())).toString();
  }
}
