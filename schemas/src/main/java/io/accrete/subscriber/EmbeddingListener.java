package io.accrete.subscriber;

import io.accrete.events.ObjectEmbedding;
import java.util.Collection;

/** Takes what a subscription delivers. All calls are made on the thread of the subscription; an exception ends it. */
public interface EmbeddingListener {
  /**
   * From now on everything is of this model version's space, until the next call.
   *
   * @param reset whether to forget everything that was delivered before, positions included: the space is delivered from its beginning.
   *     False only at the start, when the subscription goes on at the positions that it was given.
   */
  void onSpace(String modelVersion, boolean reset);

  /**
   * An object's embedding, which takes the place of the one before.
   *
   * @param position behind this update
   */
  void onEmbedding(String objectId, ObjectEmbedding embedding, Position position);

  /**
   * The object is gone. It need not have been delivered before.
   *
   * @param position behind this update
   */
  void onGone(String objectId, Position position);

  /**
   * Everything before these positions has been delivered. Called behind {@link #onSpace} with the position of each partition, and from then
   * on with those of the partitions that got further, be it over records that are not for readers. For services that keep positions even
   * where nothing changes.
   */
  default void onProgress(Collection<Position> positions) {}

  /** Everything that was committed when the space changed has been delivered; once after each {@link #onSpace}, unless another follows. */
  default void onCaughtUp() {}

  /**
   * All that has arrived so far has been delivered: the moment to write, for a service that writes in batches. While nothing comes, it is
   * called every second or so.
   */
  default void onPause() {}
}
