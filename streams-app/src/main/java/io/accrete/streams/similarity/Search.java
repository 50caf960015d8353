package io.accrete.streams.similarity;

import java.util.Optional;

/**
 * What is searched for.
 *
 * @param version the model version whose embeddings are compared
 * @param vector of that version's space, unit length
 * @param k how many objects at most
 * @param exclude an object to leave out
 */
public record Search(String version, float[] vector, int k, Filters filters, Optional<String> exclude) {
  boolean wants(ObjectSummary object) {
    return filters.hold(object) && !(exclude.isPresent() && exclude.get().equals(object.objectId()));
  }
}
