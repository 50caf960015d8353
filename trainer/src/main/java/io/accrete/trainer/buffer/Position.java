package io.accrete.trainer.buffer;

import org.apache.kafka.common.Uuid;

/**
 * A place in the topic of image sets.
 *
 * @param topic its id, so that a topic made anew under the same name is told from the one before
 * @param offset of the first record that is not in the buffer
 */
record Position(Uuid topic, int partition, long offset) {
  static String key(Uuid topic, int partition) {
    return topic + "-" + partition;
  }

  String key() {
    return key(topic, partition);
  }
}
