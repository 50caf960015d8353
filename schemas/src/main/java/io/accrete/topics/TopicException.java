package io.accrete.topics;

/** Topics cannot be created or are not as configured. The message is for people. */
public final class TopicException extends RuntimeException {
  public TopicException(String message, Throwable cause) {
    super(message, cause);
  }
}
