package io.accrete.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;

/** Where a demo or a benchmark keeps everything, the log included. */
record DemoDirectory(Path path, boolean removedInTheEnd, Logging.LogFile log) implements AutoCloseable {
  /** The given directory; without one a temporary directory, removed in the end unless it is to be kept. */
  static DemoDirectory open(Path given, boolean keep) throws IOException {
    Path path = given == null ? Files.createTempDirectory("accrete-") : Files.createDirectories(given).toAbsolutePath();
    return new DemoDirectory(path, given == null && !keep, Logging.toFile(path.resolve("accrete.log")));
  }

  @Override
  public void close() throws IOException {
    log.close();
    if (removedInTheEnd) {
      FileUtils.deleteDirectory(path.toFile());
    }
  }
}
