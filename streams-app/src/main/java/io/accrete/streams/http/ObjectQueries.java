package io.accrete.streams.http;

import java.util.Optional;

/** Looks objects up in the state stores of this instance. Implementations are safe for use by several threads at once. */
public interface ObjectQueries {
  /**
   * The object as its last event left it; the last moments may not be committed yet.
   *
   * @param model the model version whose embedding is asked for; empty: the one that is served
   * @param withLedger whether to read its images too, which costs as much as there are; without, the ledger is empty
   * @return empty if there is no such object
   * @throws QueryUnavailableException if this instance cannot tell: its stores are not open, or the object lives on another instance
   * @throws ProblemException 400 if events do not fold into that model version
   */
  Optional<ObjectView> find(String objectId, Optional<String> model, boolean withLedger) throws QueryUnavailableException;

  /** The same under the model version that is served. */
  default Optional<ObjectView> find(String objectId, boolean withLedger) throws QueryUnavailableException {
    return find(objectId, Optional.empty(), withLedger);
  }
}
