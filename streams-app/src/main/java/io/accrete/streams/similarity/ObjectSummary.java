package io.accrete.streams.similarity;

import java.time.Instant;
import java.util.Comparator;
import java.util.Map;

/**
 * What lists and searches tell of an object, as its last change left it.
 *
 * @param sequence number of changes so far
 * @param updatedAt when the event came that changed it last
 */
public record ObjectSummary(
    String objectId, int imageCount, long sequence, String lastImageId, Instant updatedAt, Map<String, String> attributes) {
  /** What changed last comes first; of equally new ones in the order of their ids. */
  static final Comparator<ObjectSummary> NEWEST =
      Comparator.comparing(ObjectSummary::updatedAt).reversed().thenComparing(ObjectSummary::objectId);
}
