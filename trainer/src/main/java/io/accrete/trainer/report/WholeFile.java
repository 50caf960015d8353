package io.accrete.trainer.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are replaced whole, or stay as they were. */
final class WholeFile {
  private WholeFile() {}

  static void write(Path file, byte[] content) {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    try {
      try {
        Files.write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file + ": "
          + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
          + ". What was there before is kept.", e);
    }
  }
}
