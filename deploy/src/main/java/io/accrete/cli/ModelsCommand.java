package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete models}: bundles, and their rollouts. */
@Command(
    name = "models",
    description = "Imports, shrinks, verifies, shows, publishes and fetches model bundles, and rolls them out.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsImportCommand.class, ModelsShrinkCommand.class, ModelsVerifyCommand.class, ModelsShowCommand.class,
      ModelsPublishCommand.class, ModelsFetchCommand.class, ModelsListCommand.class, ModelsStatusCommand.class,
      ModelsActivateCommand.class, ModelsRollbackCommand.class, ModelsRetireCommand.class, ModelsPauseCommand.class,
      ModelsResumeCommand.class})
final class ModelsCommand {}
