package io.accrete.cli;

/** Turns exceptions into one line for a person. */
final class Errors {
  private Errors() {}

  static String message(Throwable error) {
    String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return error.getCause() == null ? error.getClass().getSimpleName() : message(error.getCause());
    }
    return message;
  }
}
