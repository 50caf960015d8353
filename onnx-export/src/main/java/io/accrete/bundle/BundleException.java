package io.accrete.bundle;

/** A bundle, or a part of one, is not as it has to be; the message says what was expected, what was found and what to do. */
public final class BundleException extends RuntimeException {
  public BundleException(String message) {
    super(message);
  }

  public BundleException(String message, Throwable cause) {
    super(message, cause);
  }
}
