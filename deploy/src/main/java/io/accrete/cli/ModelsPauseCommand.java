package io.accrete.cli;

import io.accrete.events.RolloutAction;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code accrete models pause}: the sweep rests. */
@Command(name = "pause", mixinStandardHelpOptions = true,
    description = "Lets the sweep of the model version that is being rolled out rest; it does not become active meanwhile.")
final class ModelsPauseCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return RolloutOrder.run(options.load(), RolloutAction.PAUSE, null, spec.commandLine().getOut());
  }
}
