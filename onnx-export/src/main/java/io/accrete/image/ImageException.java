package io.accrete.image;

/** An image that cannot be used; the message is for people. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason { EMPTY, TOO_MANY_BYTES, TOO_MANY_PIXELS, UNSUPPORTED_FORMAT, CORRUPT }

  private final Reason reason;

  ImageException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  ImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  static ImageException corrupt(String format, String what) {
    return new ImageException(Reason.CORRUPT, "The " + format + " image is damaged: " + what + ".");
  }

  static ImageException unsupported(String what) {
    return new ImageException(Reason.UNSUPPORTED_FORMAT, what);
  }

  public Reason reason() {
    return reason;
  }
}
