package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code accrete config}: the table of all keys. */
@Command(name = "config", description = "Prints every configuration key with its default and meaning.", mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().print(AccreteConfig.markdown());
  }
}
