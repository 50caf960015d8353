package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete models}: bundles. */
@Command(
    name = "models",
    description = "Imports, verifies, shows and publishes model bundles.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsImportCommand.class, ModelsVerifyCommand.class, ModelsShowCommand.class,
      ModelsPublishCommand.class})
final class ModelsCommand {}
