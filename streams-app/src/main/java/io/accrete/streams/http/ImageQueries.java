package io.accrete.streams.http;

import io.accrete.state.LedgerEntry;
import java.util.Optional;

/** Looks images up in the state stores of this instance, and reads them. Implementations are safe for use by several threads at once. */
public interface ImageQueries {
  /**
   * What the ledger says of an image; empty if there is no such image.
   *
   * @throws QueryUnavailableException if this instance cannot tell
   */
  Optional<LedgerEntry> entry(String objectId, String imageId) throws QueryUnavailableException;

  /**
   * The image's bytes as they came, which have the hash of the entry.
   *
   * @throws QueryUnavailableException if this instance cannot tell, or the image was replaced or removed since the entry was read
   * @throws UnreadableImageException if they lie elsewhere and cannot be read now
   */
  byte[] bytes(String objectId, LedgerEntry entry) throws QueryUnavailableException, UnreadableImageException;
}
