package io.accrete.streams.http;

/** This instance cannot answer now. The message says why, names the instance that can where it is known, and says what to do. */
public final class QueryUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  public QueryUnavailableException(String message) {
    super(message);
  }
}
