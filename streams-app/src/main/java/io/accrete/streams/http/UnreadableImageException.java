package io.accrete.streams.http;

/** An image of an object cannot be read now. The message says which and why, for a person. */
public final class UnreadableImageException extends Exception {
  private static final long serialVersionUID = 1;

  public UnreadableImageException(String message) {
    super(message);
  }
}
