package io.accrete.checkpoint;

/** A checkpoint or a foreign encoder cannot be taken over; the message says what was expected, what was found and what to do. */
public final class CheckpointException extends RuntimeException {
  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
