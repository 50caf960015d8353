package io.accrete.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Turns exceptions into one line for a person. */
final class Errors {
  private Errors() {}

  static String message(Throwable error) {
    String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return error.getCause() == null ? error.getClass().getSimpleName() : message(error.getCause());
    }
    return error instanceof FileSystemException file && file.getReason() == null ? file.getFile() + ": " + reason(file) : message;
  }

  /** The JDK leaves it to the name of the class. */
  private static String reason(FileSystemException error) {
    if (error instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (error instanceof AccessDeniedException) {
      return "permission denied";
    }
    return error instanceof FileAlreadyExistsException ? "is there already, and is not a directory" : error.getClass().getSimpleName();
  }
}
