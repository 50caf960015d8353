package io.accrete.subscriber;

/** Something cannot be had now, and may come back by itself. */
final class UnavailableException extends RuntimeException {
  private final String what;

  /** @param what is waited for; failures of the same are told once */
  UnavailableException(String what, String message, Throwable cause) {
    super(message, cause);
    this.what = what;
  }

  String what() {
    return what;
  }
}
