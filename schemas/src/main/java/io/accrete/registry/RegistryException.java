package io.accrete.registry;

/** The registry refused a request. The message is for people; asking again does not help. */
public class RegistryException extends RuntimeException {
  private static final int MAX_QUOTE = 500;

  private final int errorCode;

  RegistryException(String message, int errorCode, Throwable cause) {
    super(message, cause);
    this.errorCode = errorCode;
  }

  /** What a server says goes into logs and records' headers, so it must not be long. */
  static String abbreviate(String text) {
    return text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…";
  }

  /** The registry's error code (409, 42201, ...), or 0 where there was no answer. */
  public int errorCode() {
    return errorCode;
  }
}
