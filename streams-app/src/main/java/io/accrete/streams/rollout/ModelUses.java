package io.accrete.streams.rollout;

import io.accrete.runtime.Model;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Closes models that nobody needs any more when nobody uses them any more: until then they take calls as before. Safe for many threads. */
final class ModelUses {
  private final Map<Model, Integer> uses = new HashMap<>();
  private final Set<Model> leaving = new HashSet<>();

  synchronized void begin(Collection<Model> models) {
    models.forEach(model -> uses.merge(model, 1, Integer::sum));
  }

  synchronized void end(Collection<Model> models) {
    for (Model model : models) {
      boolean last = uses.merge(model, -1, (before, less) -> before == 1 ? null : before + less) == null;
      if (last && leaving.remove(model)) {
        model.close();
      }
    }
  }

  /** Closes a model now, or at the end of its last use. */
  synchronized void close(Model model) {
    if (uses.containsKey(model)) {
      leaving.add(model);
    } else {
      model.close();
    }
  }
}
