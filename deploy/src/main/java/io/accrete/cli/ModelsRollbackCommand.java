package io.accrete.cli;

import io.accrete.events.RolloutAction;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models rollback}: back to the version before. */
@Command(name = "rollback", mixinStandardHelpOptions = true,
    description = "Makes the model version active again that was active before, at once.")
final class ModelsRollbackCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VERSION", arity = "0..1", description = "One that is draining; without it, the latest of these.")
  private String version;

  @Override
  public Integer call() {
    return RolloutOrder.run(options.load(), RolloutAction.ROLLBACK, version, spec.commandLine().getOut());
  }
}
