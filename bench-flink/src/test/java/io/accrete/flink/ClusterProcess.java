package io.accrete.flink;

import io.accrete.bench.ChildJob;
import io.accrete.config.AccreteConfig;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A broker and a schema registry in a process with the product's libraries. */
final class ClusterProcess implements AutoCloseable {
  private final Path directory;
  private final Process process;

  private ClusterProcess(Path directory, Process process) {
    this.directory = directory;
    this.process = process;
  }

  static ClusterProcess start(Path directory) throws IOException {
    String classPath = Path.of("target", "test-classes") + File.pathSeparator + System.getProperty("accrete.lib") + File.separator + "*";
    Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-cp",
        classPath, ClusterProcess.class.getName(), directory.toString())).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String line = process.inputReader().readLine();
    if (!ChildJob.STARTED.equals(line)) {
      process.destroyForcibly();
      throw new IOException("The cluster did not start: " + line);
    }
    return new ClusterProcess(directory, process);
  }

  AccreteConfig config() {
    return AccreteConfig.load(directory.resolve(LocalCluster.CONFIG_FILE), Map.of(), Map.of());
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.getOutputStream().close();
    process.waitFor();
  }

  public static void main(String[] args) {
    ChildJob.run(() -> {
      LocalCluster cluster = LocalCluster.open(Path.of(args[0]), AccreteConfig.of(Map.of()), Ports.ANY);
      CountDownLatch closed = new CountDownLatch(1);
      return new ChildJob() {
        @Override
        public Optional<String> awaitEnd() throws InterruptedException {
          closed.await();
          return Optional.empty();
        }

        @Override
        public void close() {
          cluster.close();
          closed.countDown();
        }
      };
    });
  }
}
