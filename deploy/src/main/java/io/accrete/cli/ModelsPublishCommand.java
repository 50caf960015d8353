package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.topics.Topics;
import io.accrete.trainer.publish.ModelPublisher;
import io.accrete.trainer.publish.ModelPublisher.Publication;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models publish}: a bundle into the model store and onto the topic of model versions. */
@Command(name = "publish", mixinStandardHelpOptions = true, description = {
    "Checks a bundle, puts it into the model store (" + ConfigKeys.MODELS_URI + ") and tells of it on the topic of model versions. "
        + "It is not asked whether the model is better than others: that is what 'accrete eval' is for."})
final class ModelsPublishCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "BUNDLE", description = "Folder of the bundle, or " + Bundles.NAMES + ".")
  private String name;

  @Option(names = "--force",
      description = "Replaces scores, lineage and card that are published under the same version. The model itself is never replaced.")
  private boolean force;

  @Override
  public Integer call() {
    AccreteConfig config = options.load();
    Bundle bundle = Bundles.named(name, config);
    PrintWriter out = spec.commandLine().getOut();
    ModelsShowCommand.print(bundle, out);
    out.flush();
    Publication done = new ModelPublisher(config).publish(bundle, force);
    String topic = new Topics(config).modelVersions();
    out.printf(done.changed() ? "Published %s at %s, and on the topic %s.%n"
        : "Nothing to do: %s is published already, with the same hashes, at %s and on the topic %s.%n",
        bundle.version(), done.model().getBundleUri(), topic);
    return 0;
  }
}
