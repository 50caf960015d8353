package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete models}: bundles on disk. */
@Command(
    name = "models",
    description = "Imports, verifies and shows model bundles.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsImportCommand.class, ModelsVerifyCommand.class, ModelsShowCommand.class})
final class ModelsCommand {}
