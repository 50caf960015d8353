package io.accrete.streams.topology;

/** An event that goes to the dead-letter topic: the fault is its own or that of what it refers to, and its partition waits for neither. */
final class RejectedEventException extends Exception {
  private static final long serialVersionUID = 1L;
  private final DeadLetterReason reason;

  RejectedEventException(DeadLetterReason reason, String message) {
    super(message.replaceAll("\\p{Cntrl}", "\uFFFD")); // ids in it may hold anything; it goes into logs
    this.reason = reason;
  }

  DeadLetterReason reason() {
    return reason;
  }
}
