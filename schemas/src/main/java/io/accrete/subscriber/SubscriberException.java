package io.accrete.subscriber;

/** Topics or records cannot be read, and waiting would not help. The message is for people. */
public final class SubscriberException extends RuntimeException {
  SubscriberException(String message, Throwable cause) {
    super(message, cause);
  }
}
