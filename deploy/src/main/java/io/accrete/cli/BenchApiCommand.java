package io.accrete.cli;

import static io.accrete.cli.BenchResult.line;

import io.accrete.bench.ApiBench;
import io.accrete.bench.ApiMeasures;
import io.accrete.bench.ApiMeasures.Answered;
import io.accrete.bench.ApiMeasures.Compared;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code accrete bench api}: how many requests are answered, and how soon. */
@Command(name = "api", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Has clients on loopback ask for objects and for objects similar to them, on a cluster in this process, with nothing else going on and "
        + "then while photos are ingested at a share of what the app can do. No request may fail."})
final class BenchApiCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Mixin private BenchPhotos photos;
  @Mixin private BenchResult result;
  @Spec private CommandSpec spec;

  @Option(names = "--objects", paramLabel = "N", defaultValue = "2500", description = "Objects (default: ${DEFAULT-VALUE}).")
  private int objects;

  @Option(names = "--images", paramLabel = "N", defaultValue = "4000",
      description = "Photos to find the capacity with, at least one for each object (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(names = "--requests", paramLabel = "N", defaultValue = "20000",
      description = "Requests of each kind, and as many beside ingest (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Option(names = "--clients", paramLabel = "N", defaultValue = "4", description = "Clients at the same time (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(names = "--load", paramLabel = "SHARE", defaultValue = "0.5",
      description = "Rate of the photos beside by the capacity (default: ${DEFAULT-VALUE}).")
  private double load;

  @Override
  public Integer call() throws IOException, InterruptedException {
    AccreteConfig config = options.load();
    ApiMeasures measures;
    try (Stoppable running = Stoppable.install();
        DemoDirectory directory = DemoDirectory.open(null, false);
        BenchProgress shown = new BenchProgress()) {
      ApiBench.Settings settings =
          new ApiBench.Settings(Bundles.configured(config), photos.contents(shown), objects, images, requests, clients, load);
      measures = new ApiBench(settings, config, directory.path(), shown).run();
    }
    result.print(spec, measures, table(measures));
    return measures.errors() == 0 ? 0 : 1;
  }

  private static String table(ApiMeasures of) {
    return line("%,d objects, %d clients; capacity %.1f images/s, %.1f ingested beside", of.objects(), of.clients(), of.capacity(),
            of.ingested())
        + line("%-24s %12s %10s %10s %8s", "", "requests/s", "p50 ms", "p99 ms", "errors")
        + rows("get", of.get())
        + rows("similar", of.similar());
  }

  private static String rows(String name, Compared of) {
    return row(name, of.alone()) + row(name + " beside ingest", of.beside())
        + line("%-24s %12.2f %10s %10.2f", "beside / alone", of.rateRatio(), "", of.p99Ratio());
  }

  private static String row(String name, Answered of) {
    return line("%-24s %12.1f %10.2f %10.2f %8d", name, of.perSecond(), of.latencies().p50(), of.latencies().p99(), of.errors());
  }
}
