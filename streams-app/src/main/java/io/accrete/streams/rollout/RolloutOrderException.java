package io.accrete.streams.rollout;

/** What was asked of a rollout was not done; the message says why, for people. */
public final class RolloutOrderException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** What stands in the way. */
  public enum Reason {
    /** There is no such version. */
    UNKNOWN,
    /** It cannot be done in the state in which things are. */
    REFUSED,
    /** Nobody is there to do it, or the brokers do not answer. */
    UNAVAILABLE
  }

  private final Reason reason;

  /** {@link Reason#UNAVAILABLE}. */
  public static RolloutOrderException unavailable(String message, Throwable cause) {
    return new RolloutOrderException(Reason.UNAVAILABLE, message, cause);
  }

  RolloutOrderException(Reason reason, String message) {
    this(reason, message, null);
  }

  RolloutOrderException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
