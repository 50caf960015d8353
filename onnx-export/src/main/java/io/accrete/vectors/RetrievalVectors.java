package io.accrete.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.retrieval.Recall;

/** Recall at k and AR@10; exact but for the order of summation. */
final class RetrievalVectors {
  private static final double TOLERANCE = 1e-12;

  private RetrievalVectors() {}

  static ErrorTally run(JsonNode file) {
    ErrorTally tally = new ErrorTally();
    JsonNode one = file.get("one_embedding_per_object");
    compare(tally, "one_embedding_per_object", one,
        Recall.of(JsonArrays.floats(one.get("gallery")), JsonArrays.ints(one.get("labels")),
            JsonArrays.floats(one.get("query")), JsonArrays.ints(one.get("labels"))));
    JsonNode many = file.get("many_images_per_object");
    compare(tally, "many_images_per_object", many,
        Recall.of(JsonArrays.floats(many.get("gallery")), JsonArrays.ints(many.get("gallery_labels")),
            JsonArrays.floats(many.get("query")), JsonArrays.ints(many.get("query_labels"))));
    return tally;
  }

  private static void compare(ErrorTally tally, String name, JsonNode expected, Recall found) {
    for (int k = 0; k < Recall.DEPTH; k++) {
      tally.add(name + " recall@" + (k + 1), Math.abs(found.atK()[k] - expected.get("recall_at_k").get(k).asDouble()), TOLERANCE);
    }
    tally.add(name + " AR@10", Math.abs(found.ar10() - expected.get("ar10").asDouble()), TOLERANCE);
  }
}
