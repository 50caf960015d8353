package io.accrete.streams.topology;

import java.util.Map;
import java.util.TreeMap;

/** The attributes of an object: those of its images in the order of the ledger, later ones overriding. */
final class Attributes {
  static final int MAX_EVENT_CHARS = 16 * 1024;
  static final int MAX_OBJECT_CHARS = 64 * 1024;

  private final TreeMap<String, String> merged = new TreeMap<>(); // sorted, so that equal attributes are equal bytes

  Attributes add(Map<String, String> attributes) {
    merged.putAll(attributes);
    return this;
  }

  Map<String, String> merged() throws RejectedEventException {
    if (chars(merged) > MAX_OBJECT_CHARS) {
      throw new RejectedEventException(DeadLetterReason.OBJECT_FULL,
          "The attributes of the object would be longer than " + MAX_OBJECT_CHARS + " characters in all.");
    }
    return merged;
  }

  static long chars(Map<String, String> attributes) {
    return attributes.entrySet().stream().mapToLong(attribute -> attribute.getKey().length() + (long) attribute.getValue().length()).sum();
  }
}
