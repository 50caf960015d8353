package io.accrete.streams.encode;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The model versions that an instance works with at one moment. As long as nothing changes it is the same models, and so equal.
 *
 * @param serving what queries answer with; its faults are those of the events
 * @param folding every version that live events fold into, {@code serving} among them
 * @param sweeping the version of {@code folding} under which all objects that lack it are being folded again, if any
 * @param removing versions whose latents are to be removed, with the time since when; none of {@code folding}
 */
public record LiveModels(ServedModel serving, List<ServedModel> folding, Optional<ServedModel> sweeping, Map<String, Instant> removing) {
  /** Checks what is said above. */
  public LiveModels {
    folding = List.copyOf(folding);
    removing = Map.copyOf(removing);
    List<String> versions = folding.stream().map(ServedModel::version).toList();
    require(Set.copyOf(versions).size() == versions.size(), "each of them once", versions);
    require(versions.contains(serving.version()), serving.version() + ", which is served, among them", versions);
    require(sweeping.isEmpty() || versions.contains(sweeping.get().version()), "the version that is swept among them", versions);
    require(versions.stream().noneMatch(removing::containsKey), "none that is removed, of " + removing.keySet(), versions);
  }

  /** One model, and nothing to do but to serve it. */
  public static LiveModels only(ServedModel model) {
    return new LiveModels(model, List.of(model), Optional.empty(), Map.of());
  }

  /** Whether live events fold into this version. */
  public boolean folds(String version) {
    return folding.stream().anyMatch(model -> model.version().equals(version));
  }

  private static void require(boolean ok, String expected, List<String> found) {
    if (!ok) {
      throw new IllegalArgumentException("The versions that events fold into are " + found + "; expected " + expected + ".");
    }
  }
}
