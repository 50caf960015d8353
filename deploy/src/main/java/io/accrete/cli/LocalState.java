package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the programs keep on this machine. */
final class LocalState {
  private LocalState() {}

  /** The journal of what was sent to a topic, known by the id that Kafka gave it: a topic created anew has a new journal. */
  static Path journal(AccreteConfig config, String topicId) {
    return config.stateDirectory().resolve("ingest").resolve(topicId + ".journal");
  }

  /** Deletes a directory with all that is in it, if it exists; follows no links. */
  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(directory)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.delete(file);
    }
  }
}
