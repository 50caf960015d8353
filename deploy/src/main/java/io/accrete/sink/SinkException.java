package io.accrete.sink;

/** The sink cannot go on, and waiting would not help. The message is for people. */
public final class SinkException extends RuntimeException {
  SinkException(String message, Throwable cause) {
    super(message, cause);
  }
}
