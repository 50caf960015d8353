package io.accrete.trainer.loop;

/** Training cannot go on; the message says why, where it stands and what to do. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TrainingException(String message) {
    super(message);
  }
}
