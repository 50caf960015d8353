package io.accrete.trainer.publish;

/** A model cannot be published; the message says what was expected, what was found and what to do. */
public final class PublishException extends RuntimeException {
  PublishException(String message) {
    super(message);
  }

  PublishException(String message, Throwable cause) {
    super(message, cause);
  }
}
