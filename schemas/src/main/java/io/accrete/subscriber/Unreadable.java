package io.accrete.subscriber;

/** What becomes of a record that cannot be read: one that is not Avro as expected, has no key, or is of another model version. */
public enum Unreadable {
  /** The subscription ends with a {@link SubscriberException} that names the record. */
  FAIL,
  /** The record is passed over, with a warning in the log that names it. */
  SKIP
}
