package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete sink}: embeddings kept up to date elsewhere. */
@Command(name = "sink", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    description = "Keeps current embeddings up to date in another system, until Ctrl-C.",
    subcommands = SinkPostgresCommand.class)
final class SinkCommand {}
