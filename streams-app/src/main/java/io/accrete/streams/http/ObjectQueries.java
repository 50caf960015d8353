package io.accrete.streams.http;

import java.util.Optional;

/** Looks objects up in the state stores of this instance. Implementations are safe for use by several threads at once. */
public interface ObjectQueries {
  /**
   * The object as of the last committed change.
   *
   * @return empty if there is no such object
   * @throws QueryUnavailableException if this instance cannot tell: its stores are not open, or the object lives on another instance
   */
  Optional<ObjectView> find(String objectId) throws QueryUnavailableException;
}
