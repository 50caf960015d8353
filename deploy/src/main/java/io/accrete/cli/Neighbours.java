package io.accrete.cli;

import io.accrete.events.ObjectEmbedding;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Exact nearest neighbours by inner product. */
final class Neighbours {
  private Neighbours() {}

  /** An object and its inner product with the query, −1 to 1 as all vectors have unit length. */
  record Neighbour(String objectId, float score) {}

  /** The k best objects, best first; {@code exclude} (may be null) is left out. */
  static List<Neighbour> of(List<Float> query, Map<String, ObjectEmbedding> table, int k, String exclude) {
    return table.entrySet().stream()
        .filter(entry -> !entry.getKey().equals(exclude))
        .map(entry -> new Neighbour(entry.getKey(), dot(query, entry.getValue().getVector())))
        .sorted(Comparator.comparingDouble((Neighbour n) -> -n.score()).thenComparing(Neighbour::objectId))
        .limit(k)
        .toList();
  }

  private static float dot(List<Float> a, List<Float> b) {
    if (a.size() != b.size()) {
      throw new IllegalStateException("The query has " + a.size() + " dimensions and the embeddings have " + b.size()
          + ": they come from different models. Give the bundle that the app serves.");
    }
    float sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.get(i) * b.get(i);
    }
    return sum;
  }
}
