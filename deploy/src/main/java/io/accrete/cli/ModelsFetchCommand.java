package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ModelVersion;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.fetch.BundleFetcher;
import io.accrete.topics.Topics;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models fetch}: a published bundle onto this machine. */
@Command(name = "fetch", mixinStandardHelpOptions = true, description = {
    "Fetches a published model from the store (" + ConfigKeys.MODELS_URI + ") or from where references may point, and checks it: hashes, "
        + "shapes and golden outputs, as every instance does before it uses it."})
final class ModelsFetchCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VERSION", description = "The model version.")
  private String version;

  @Option(names = "--out", required = true, paramLabel = "BUNDLE", description = "Folder to write the bundle to.")
  private Path out;

  @Option(names = "--force", description = "Replace a bundle that is there already.")
  private boolean force;

  @Override
  public Integer call() {
    AccreteConfig config = options.load();
    ModelVersion published = published(config);
    try (BundleFetcher fetcher = new BundleFetcher(config)) {
      Bundle bundle = fetcher.fetch(published, out, force);
      ModelsShowCommand.print(bundle, spec.commandLine().getOut());
      spec.commandLine().getOut().printf("%s is at %s, as it was published at %s.%n", version, out, published.getBundleUri());
      return 0;
    }
  }

  private ModelVersion published(AccreteConfig config) {
    String name = new Topics(config).modelVersions();
    SortedMap<String, ModelVersion> versions = new TreeMap<>();
    try (CommittedTopic<ModelVersion> topic =
        new CommittedTopic<>(config, name, AvroSerdes.deserializer(ModelVersion.class, config))) {
      topic.catchUp(record -> {
        if (record.value() == null) {
          versions.remove(record.key());
        } else {
          versions.put(record.key(), record.value());
        }
      });
    }
    if (!versions.containsKey(version)) {
      throw new IllegalStateException("There is no model '" + version + "' on topic '" + name + "'; found "
          + (versions.isEmpty() ? "none" : String.join(", ", versions.keySet())) + ".");
    }
    return versions.get(version);
  }
}
