package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import java.nio.file.Path;

/** What the programs keep on this machine. */
final class LocalState {
  private LocalState() {}

  /** The journal of what was sent to a topic, known by the id that Kafka gave it: a topic created anew has a new journal. */
  static Path journal(AccreteConfig config, String topicId) {
    return config.stateDirectory().resolve("ingest").resolve(topicId + ".journal");
  }
}
