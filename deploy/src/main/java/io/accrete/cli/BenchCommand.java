package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete bench}: how fast it is. */
@Command(
    name = "bench",
    description = "Measures how fast this machine and this build are.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchStreamCommand.class, BenchDecodeCommand.class, BenchTrainCommand.class, BenchRolloutCommand.class})
final class BenchCommand {}
