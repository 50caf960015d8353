package io.accrete.streams.write;

/** An event was not written, or it is not known whether it was. The message is for people. */
public final class WriteException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean tooLarge;

  WriteException(String message, boolean tooLarge, Throwable cause) {
    super(message, cause);
    this.tooLarge = tooLarge;
  }

  /** Whether it will be refused again, as there are more bytes in it than the topic takes. */
  public boolean tooLarge() {
    return tooLarge;
  }
}
