package io.accrete.streams.similarity;

import io.accrete.state.Latent;
import io.accrete.state.ObjectState;
import io.accrete.streams.store.Floats;
import java.util.HashMap;
import java.util.Map;

/**
 * An object as one change left it.
 *
 * @param embeddings its unit-length embedding under each version that it is folded under; not to be modified
 */
record Entry(ObjectSummary summary, Map<String, float[]> embeddings) {
  private static final int OBJECT_BYTES = 500; // ids, times, counters, the maps and the table's own
  private static final int EMBEDDING_BYTES = 600; // beside its numbers: the array's own, and its node of the graph with neighbours
  private static final int ATTRIBUTE_BYTES = 120;

  static Entry of(String objectId, ObjectState state) {
    Map<String, float[]> embeddings = new HashMap<>();
    for (Map.Entry<String, Latent> latent : state.getLatents().entrySet()) {
      embeddings.put(latent.getKey(), Floats.fromBytes(latent.getValue().getEmbedding()));
    }
    return new Entry(new ObjectSummary(objectId, state.getImageCount(), state.getSequence(), state.getLastImageId(), state.getUpdatedAt(),
        Map.copyOf(state.getAttributes())), Map.copyOf(embeddings)); // copies of few entries take less memory
  }

  /** About what it takes of memory. */
  long bytes() {
    long bytes = OBJECT_BYTES + 2L * summary.objectId().length() + (long) ATTRIBUTE_BYTES * summary.attributes().size();
    for (float[] embedding : embeddings.values()) {
      bytes += EMBEDDING_BYTES + (long) Float.BYTES * embedding.length;
    }
    return bytes;
  }
}
