package io.accrete.streams;

import io.accrete.bundle.Sha256;
import io.accrete.content.ContentException;
import io.accrete.content.ContentResolver;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.http.ImageQueries;
import io.accrete.streams.http.QueryUnavailableException;
import io.accrete.streams.http.UnreadableImageException;
import io.accrete.streams.store.ObjectStores;
import io.accrete.streams.store.StateStores;
import java.security.MessageDigest;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;

/** The images that the stores hold, or know where to find. */
final class StoredImages implements ImageQueries {
  private final StoreQueries stores;
  private final ContentResolver content;

  StoredImages(StoreQueries stores, ContentResolver content) {
    this.stores = stores;
    this.content = content;
  }

  @Override
  public Optional<LedgerEntry> entry(String objectId, String imageId) throws QueryUnavailableException {
    return stores.get(objectId, StateStores.LEDGER, ObjectStores.imageKey(objectId, imageId));
  }

  @Override
  public byte[] bytes(String objectId, LedgerEntry entry) throws QueryUnavailableException, UnreadableImageException {
    return entry.getUri() == null ? stored(objectId, entry) : referred(entry);
  }

  private byte[] stored(String objectId, LedgerEntry entry) throws QueryUnavailableException {
    return stores.<Bytes, byte[]>get(objectId, StateStores.IMAGES, ObjectStores.imageKey(objectId, entry.getImageId()))
        .filter(bytes -> isThatOf(entry, bytes))
        .orElseThrow(() -> new QueryUnavailableException("Image '" + entry.getImageId() + "' of object '" + objectId
            + "' was replaced or removed at this moment. Try again."));
  }

  private byte[] referred(LedgerEntry entry) throws UnreadableImageException {
    byte[] bytes;
    try {
      bytes = content.fetch(entry.getUri());
    } catch (ContentException e) {
      throw new UnreadableImageException("Image '" + entry.getImageId() + "' cannot be read where it lies: " + e.getMessage());
    }
    if (!isThatOf(entry, bytes)) {
      throw new UnreadableImageException("Image '" + entry.getImageId() + "' has changed where it lies: its bytes have another "
          + "SHA-256 than those that were folded.");
    }
    return bytes;
  }

  private static boolean isThatOf(LedgerEntry entry, byte[] bytes) {
    return MessageDigest.isEqual(Sha256.bytes(bytes), entry.getSha256().bytes());
  }
}
