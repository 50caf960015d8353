package io.accrete.serde;

/** Confluent's TopicNameStrategy. */
final class Subjects {
  private Subjects() {}

  static String of(String topic, boolean isKey) {
    return topic + (isKey ? "-key" : "-value");
  }
}
