package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.local.Instance;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code accrete serve}: one instance of the app. */
@Command(name = "serve", mixinStandardHelpOptions = true,
    description = {
        "Runs one instance of the app against an existing Kafka cluster and schema registry, until Ctrl-C.",
        "An app begins with the configured bundle. Later the model version that is ACTIVE is served, and a configured bundle that is not "
            + "published yet is published and rolled out like any other."})
final class ServeCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Override
  public Integer call() throws InterruptedException {
    AccreteConfig config = options.load();
    Bundle bundle = Bundles.configured(config);
    Cluster.connect(config).close(); // whether it is there is told at once
    try (Instance instance = Instance.start(config, bundle)) {
      StopSignal stop = StopSignal.install(instance::close);
      Optional<String> failure = instance.awaitEnd();
      if (stop.requested()) {
        stop.await();
      }
      failure.ifPresent(reason -> {
        throw new IllegalStateException("The app stopped: " + reason + " Nothing is lost; start it again when the cause is mended.");
      });
    }
    return 0;
  }
}
