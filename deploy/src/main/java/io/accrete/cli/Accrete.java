package io.accrete.cli;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: {@code accrete <command>}. */
@Command(
    name = "accrete",
    description = "Streaming object embeddings that grow with every photo.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      IngestCommand.class,
      GetCommand.class,
      SimilarCommand.class,
      TailCommand.class,
      SinkCommand.class,
      TopicsCommand.class,
      TopologyCommand.class,
      ResetCommand.class,
      ConfigCommand.class,
      EvalCommand.class,
      TrainCommand.class,
      BenchCommand.class,
      VectorsCommand.class,
      ModelsCommand.class,
    })
public final class Accrete {
  private static final Logger log = LoggerFactory.getLogger(Accrete.class);

  private Accrete() {}

  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true"); // images are decoded and rendered, never shown
    CommandLine line = commandLine();
    int status = line.execute(args);
    line.getOut().flush();
    System.exit(status);
  }

  @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Shows the log of everything, with stack traces.")
  private void verbose(boolean verbose) {
    if (verbose) {
      Logging.verbose();
    }
  }

  /** The command line with its way of telling errors: one message for a person, the stack trace to the log at debug level. */
  static CommandLine commandLine() {
    return new CommandLine(new Accrete())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((exception, args) -> {
          CommandLine command = exception.getCommandLine();
          command.getErr().println(command.getColorScheme().errorText("accrete: " + exception.getMessage()));
          UnmatchedArgumentException.printSuggestions(exception, command.getErr());
          command.getErr().println("'" + command.getCommandSpec().qualifiedName() + " --help' shows what is possible.");
          return command.getCommandSpec().exitCodeOnInvalidInput();
        })
        .setExecutionExceptionHandler((exception, command, parsed) -> {
          log.debug("{} failed", command.getCommandName(), exception);
          command.getErr().println(command.getColorScheme().errorText("accrete: " + Errors.message(exception)));
          return 1;
        });
  }
}
