package io.accrete.streams.similarity;

import java.util.Comparator;

/**
 * An object that was found.
 *
 * @param score inner product of its embedding and what was asked for, both of unit length: -1 to 1
 */
public record Neighbour(ObjectSummary object, float score) {
  /** The nearest first; of equally near ones in the order of their ids, so that equal questions get equal answers. */
  static final Comparator<Neighbour> ORDER = (a, b) -> {
    int nearer = Float.compare(b.score, a.score);
    return nearer != 0 ? nearer : a.object.objectId().compareTo(b.object.objectId());
  };
}
