package io.accrete.streams.similarity;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The planes of maps by version, each lying as the one before it. */
final class Maps {
  private static final int MOST = 4; // versions that are live at once are fewer

  private final Map<String, Plane> last = new HashMap<>();

  /** The plane of a sample; empty if that is. One at a time: each takes a core for a while. */
  synchronized Optional<Plane> of(String version, List<Sampled> sample) {
    if (sample.isEmpty()) {
      return Optional.empty();
    }
    Plane plane = Plane.of(sample.stream().map(Sampled::embedding).toList(), Optional.ofNullable(last.get(version)));
    if (last.size() >= MOST) {
      last.clear();
    }
    last.put(version, plane);
    return Optional.of(plane);
  }
}
