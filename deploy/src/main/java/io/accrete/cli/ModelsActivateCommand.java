package io.accrete.cli;

import io.accrete.events.RolloutAction;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accrete models activate}: a version is rolled out. */
@Command(name = "activate", mixinStandardHelpOptions = true,
    description = "Rolls a published model version out: it serves when all objects are folded under it. Also tries one again that failed.")
final class ModelsActivateCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VERSION", description = "The model version, as 'accrete models list' shows it.")
  private String version;

  @Override
  public Integer call() {
    return RolloutOrder.run(options.load(), RolloutAction.ACTIVATE, version, spec.commandLine().getOut());
  }
}
