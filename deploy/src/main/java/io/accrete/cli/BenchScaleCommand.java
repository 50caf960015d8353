package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.ScaleBench;
import io.accrete.bench.ScaleMeasures;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench scale}: a state of many objects. */
@Command(name = "scale", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Folds a photo of each of many objects with a model that costs nothing, and second photos of some, in the app on a cluster in this "
        + "process; and then restores the state from its changelogs. The temporary directory needs a few KB for each object."})
final class BenchScaleCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--objects", paramLabel = "N", defaultValue = "1000000", description = "Objects (default: ${DEFAULT-VALUE}).")
  private int objects;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    ScaleMeasures measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      measures = new ScaleBench(objects, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return 0;
  }

  private static String table(ScaleMeasures of) {
    return line("%,d objects, %,.0f bytes each on disk", of.objects(), of.bytesPerObject())
        + line("%-30s %12s %8s", "", "images/s", "ratio")
        + line("%-30s %,12.0f", "the first tenth", of.firstImagesPerSecond())
        + line("%-30s %,12.0f %8.2f", "the last tenth", of.lastImagesPerSecond(), of.ratioLastToFirst())
        + line("%-30s %,12.0f %8.2f", "second photos", of.secondImagesPerSecond(), of.ratioSecondToFirst())
        + line("Restored in %.1f s: %,.0f objects/s, %.1f times as fast as the last tenth was folded.", of.restoreSeconds(),
            of.restoredObjectsPerSecond(), of.ratioRestoredToFolded());
  }
}
