package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete bench}: how fast it is. */
@Command(
    name = "bench",
    description = "Measures how fast this machine and this build are.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchStreamCommand.class,
      BenchNaiveCommand.class,
      BenchFlinkCommand.class,
      BenchPartsCommand.class,
      BenchIncrementalCommand.class,
      BenchOverheadCommand.class,
      BenchLatencyCommand.class,
      BenchApiCommand.class,
      BenchScaleCommand.class,
      BenchTrainCommand.class,
      BenchRolloutCommand.class,
    })
final class BenchCommand {}
