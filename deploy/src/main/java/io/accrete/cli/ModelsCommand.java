package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete models}: bundles. */
@Command(
    name = "models",
    description = "Imports, verifies, shows, publishes and fetches model bundles.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsImportCommand.class, ModelsVerifyCommand.class, ModelsShowCommand.class,
      ModelsPublishCommand.class, ModelsFetchCommand.class})
final class ModelsCommand {}
