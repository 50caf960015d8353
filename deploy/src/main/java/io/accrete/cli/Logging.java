package io.accrete.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Where log lines go. By default a user sees the messages of Accrete alone. */
final class Logging {
  private static final String DETAILED = "%d{ISO8601} %-5level [%thread] %logger{36} - %msg%n";

  private Logging() {}

  /** Shows everything on the console, with times, threads and stack traces. */
  static void verbose() {
    Logger root = root();
    Logger ours = root.getLoggerContext().getLogger("io.accrete");
    ours.detachAppender("console");
    ours.setLevel(Level.DEBUG);
    root.setLevel(Level.INFO);
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setTarget("System.err");
    attach(console, root);
  }

  /** Also writes the log, warnings of the libraries included, to a file; appends to it. */
  static LogFile toFile(Path file) {
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setFile(file.toString());
    attach(appender, root());
    return () -> {
      root().detachAppender(appender);
      appender.stop();
    };
  }

  /** Ends the writing to a log file. */
  interface LogFile extends AutoCloseable {
    @Override
    void close();
  }

  private static void attach(OutputStreamAppender<ILoggingEvent> appender, Logger root) {
    LoggerContext context = root.getLoggerContext();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(DETAILED);
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    root.addAppender(appender);
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }
}
