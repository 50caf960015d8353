package io.accrete.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link ChildJob} in a process of its own, with as much memory as any other. */
final class JobProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 90; // for an orderly end
  private static final List<String> FLAGS = List.of("-Xmx2g", "-XX:+IgnoreUnrecognizedVMOptions", "-Djava.awt.headless=true",
      "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
      // Flink's own, as far as this job needs them
      "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED",
      "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED", "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
      "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED", "--add-opens=java.base/java.time=ALL-UNNAMED");

  private final String name;
  private final Process process;
  private final BufferedReader lines;

  /**
   * How to start one.
   *
   * @param name for messages
   * @param classPath of the process
   * @param arguments what the main class wants after the cluster's configuration file
   */
  record Command(String name, String classPath, String mainClass, List<String> arguments) {}

  private JobProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    lines = process.inputReader();
  }

  /**
   * Starts one and waits until it says that it has started.
   *
   * @param config the cluster's configuration file
   * @param log receives what it says beside that
   */
  static JobProcess start(Command command, Path config, Path log) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(FLAGS);
    words.addAll(List.of("-cp", command.classPath, command.mainClass, config.toString()));
    words.addAll(command.arguments);
    Process process = new ProcessBuilder(words).redirectError(new File(log.toString())).start();
    JobProcess job = new JobProcess(command.name, process);
    try {
      job.awaitLine(ChildJob.STARTED);
      return job;
    } catch (RuntimeException | IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private void awaitLine(String wanted) throws IOException {
    for (String line = lines.readLine(); !wanted.equals(line); line = lines.readLine()) {
      if (line == null || line.startsWith(ChildJob.FAILED)) {
        throw failure(line);
      }
    }
  }

  /** Throws with the reason if it has ended. */
  void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw failure(lines.lines().filter(line -> line.startsWith(ChildJob.FAILED)).findFirst().orElse(null));
    }
  }

  private IllegalStateException failure(String line) {
    return new IllegalStateException(name + " ended: "
        + (line == null ? "without a reason, see the log of its directory (--data keeps it)" : line.substring(ChildJob.FAILED.length())));
  }

  /** Asks it to end, and waits for that. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    boolean interrupted = Thread.interrupted(); // its files must not be removed under it
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      interrupted = true;
      process.destroyForcibly();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
