package io.accrete.content;

/** A reference whose bytes could not be had. The message is for a person and holds no credentials. */
public final class ContentException extends Exception {
  private static final long serialVersionUID = 1;

  /** What went wrong, in the terms of someone who wrote the reference. */
  public enum Reason {
    /** The configuration does not allow this place. */
    NOT_ALLOWED,
    /** The place is allowed, and nothing is there. */
    NOT_FOUND,
    /** More bytes than {@code image.max.bytes}. */
    TOO_LARGE,
    /** The place could not be read: no connection, no answer in time, no permission there. A later try may succeed. */
    UNREACHABLE,
    /** Not a well-formed URI of its scheme. */
    INVALID_URI
  }

  private final Reason reason;

  public ContentException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public ContentException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
