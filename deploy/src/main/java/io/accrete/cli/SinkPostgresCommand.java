package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.sink.PostgresSink;
import io.accrete.sink.SinkListener;
import io.accrete.sink.SinkSettings;
import io.accrete.sink.TableName;
import io.accrete.subscriber.Unreadable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code accrete sink postgres}: a service that keeps a table of current embeddings. */
@Command(name = "postgres", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Keeps a table of current embeddings in PostgreSQL, one row for each object, until Ctrl-C. What is missing is created.",
    "The table is a view on the space of the ACTIVE model version. Another version's is loaded beside it, and shown at once when it is "
        + "complete. With the extension pgvector embeddings are vectors with an index for the nearest, else arrays of real.",
    "Rows and positions are written in one transaction: after any end the same command goes on with nothing left out or done twice.",
    "The password comes from the environment (" + SinkPostgresCommand.PASSWORD + "), --password-file or ~/.pgpass."})
final class SinkPostgresCommand implements Callable<Integer> {
  static final String PASSWORD = "ACCRETE_SINK_PASSWORD";
  private static final int MAX_PASSWORD_BYTES = 4096;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(names = "--url", required = true, paramLabel = "URL", description = "jdbc:postgresql://HOST:PORT/DATABASE; the driver's "
      + "settings may follow, as in ?sslmode=verify-full.")
  private String url;

  @Option(names = "--user", required = true, paramLabel = "USER", description = "The database user, who owns the table.")
  private String user;

  @Option(names = "--table", paramLabel = "[SCHEMA.]TABLE", defaultValue = "object_embeddings",
      description = "Name of the table (default: ${DEFAULT-VALUE}); what the sink needs beside it has this name with an ending.")
  private String table;

  @Option(names = "--password-file", paramLabel = "FILE", description = "A file whose first line is the password.")
  private Path passwordFile;

  @Option(names = "--skip-unreadable", description = "Passes over records that cannot be read, with a warning, instead of ending there.")
  private boolean skipUnreadable;

  @Override
  public Integer call() throws IOException {
    SinkSettings settings = settings();
    AccreteConfig config = options.load();
    Cluster.connect(config).close(); // whether it is there is told at once
    try (Loading loading = new Loading(); PostgresSink sink = new PostgresSink(config, settings, loading)) {
      StopSignal stop = StopSignal.install(sink::close);
      sink.run();
      if (stop.requested()) {
        stop.await();
      }
    }
    return 0;
  }

  private SinkSettings settings() throws IOException {
    try {
      return new SinkSettings(url, user, password(), TableName.parse(table), skipUnreadable ? Unreadable.SKIP : Unreadable.FAIL);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private String password() throws IOException {
    if (passwordFile == null) {
      return System.getenv(PASSWORD);
    }
    try (InputStream in = Files.newInputStream(passwordFile)) {
      return new String(in.readNBytes(MAX_PASSWORD_BYTES), StandardCharsets.UTF_8).lines().findFirst()
          .orElseThrow(() -> new IllegalArgumentException("The file " + passwordFile + " is empty: expected a password in its first line."));
    }
  }

  /** Shows how much of a space has been loaded. */
  private static final class Loading implements SinkListener, AutoCloseable {
    private Progress progress;

    @Override
    public void loaded(long updates) {
      if (progress == null) {
        progress = Progress.start("Loading", -1, System.err);
      }
      progress.stepTo(updates);
    }

    @Override
    public void served() {
      close();
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
        progress = null;
      }
    }
  }
}
