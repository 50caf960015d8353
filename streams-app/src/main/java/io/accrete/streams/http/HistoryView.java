package io.accrete.streams.http;

import io.accrete.state.LedgerEntry;
import java.util.List;

/**
 * How an object's embedding came about.
 *
 * @param imageCount images that the object has
 * @param folds in the order of folding; not all of them, where fewer were asked for
 * @param embedding the embedding of these images
 */
public record HistoryView(String objectId, String modelVersion, int imageCount, List<Fold> folds, float[] embedding) {
  /**
   * What an image did.
   *
   * @param moved angle in degrees between the embedding before and after it; of the first image 0
   * @param agreement inner product of the embedding after it with that of all images
   */
  public record Fold(LedgerEntry entry, double moved, double agreement) {}
}
