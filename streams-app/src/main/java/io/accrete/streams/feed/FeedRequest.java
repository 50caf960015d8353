package io.accrete.streams.feed;

import java.util.Optional;
import java.util.Set;

/**
 * What a client wants.
 *
 * @param objects only these; empty: all
 * @param vectors whether with embeddings
 * @param after where it was; empty: it begins anew
 * @param beginning whether it then begins with everything that there is, or with what comes from now on
 */
public record FeedRequest(Set<String> objects, boolean vectors, Optional<Place> after, boolean beginning) {
  boolean wants(String objectId) {
    return objects.isEmpty() || objects.contains(objectId);
  }
}
