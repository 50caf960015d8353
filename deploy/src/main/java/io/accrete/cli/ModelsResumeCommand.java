package io.accrete.cli;

import io.accrete.events.RolloutAction;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code accrete models resume}: the sweep goes on. */
@Command(name = "resume", mixinStandardHelpOptions = true,
    description = "Lets the sweep go on that rests.")
final class ModelsResumeCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return RolloutOrder.run(options.load(), RolloutAction.RESUME, null, spec.commandLine().getOut());
  }
}
