package io.accrete.streams;

/** The application cannot start or ended by itself. The message is for people. */
public final class StreamsAppException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StreamsAppException(String message, Throwable cause) {
    super(message, cause);
  }
}
