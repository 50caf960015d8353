package io.accrete.streams.http;

import java.util.Optional;

/** Tells how the embeddings of objects came about. Implementations are safe for use by several threads at once. */
public interface HistoryQueries {
  /**
   * Folds the images of an object again, in their order, under the model that is served. Takes as long as encoding them does.
   *
   * @param limit at most so many images, the first ones
   * @return empty if there is no such object
   * @throws QueryUnavailableException if this instance cannot tell, or the object changes too fast
   * @throws UnreadableImageException if one of the images cannot be read now
   */
  Optional<HistoryView> history(String objectId, int limit) throws QueryUnavailableException, UnreadableImageException;
}
