package io.accrete.registry;

/** The registry refused a request. The message is for people; asking again does not help. */
public class RegistryException extends RuntimeException {
  private final int errorCode;

  RegistryException(String message, int errorCode, Throwable cause) {
    super(message, cause);
    this.errorCode = errorCode;
  }

  /** The registry's error code (409, 42201, ...), or 0 where there was no answer. */
  public int errorCode() {
    return errorCode;
  }
}
