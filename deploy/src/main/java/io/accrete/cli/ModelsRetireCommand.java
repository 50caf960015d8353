package io.accrete.cli;

import io.accrete.events.RolloutAction;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models retire}: a version is removed. */
@Command(name = "retire", mixinStandardHelpOptions = true,
    description = "Removes a model version that is not active, with its vectors and its topic; also ends a rollout that is under way.")
final class ModelsRetireCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VERSION", description = "The model version, as 'accrete models list' shows it.")
  private String version;

  @Override
  public Integer call() {
    return RolloutOrder.run(options.load(), RolloutAction.RETIRE, version, spec.commandLine().getOut());
  }
}
