package io.accrete.streams.store;

import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The stores of one task, in the words of the domain. Not thread-safe: used by the task's stream thread alone. */
public final class ObjectStores implements AutoCloseable {
  private final KeyValueStore<String, ObjectState> objects;
  private final KeyValueStore<Bytes, LedgerEntry> ledger;
  private final KeyValueStore<Bytes, byte[]> images;
  private final KeyValueStore<Bytes, byte[]> features; // null: not enabled
  private final ObjectChanges.Partition changes;

  /**
   * The task's stores.
   *
   * @param withFeatures whether the topology has a features store
   * @param changes hears of what becomes of the objects, until {@link #close}
   */
  public ObjectStores(ProcessingContext context, boolean withFeatures, ObjectChanges changes) {
    objects = context.getStateStore(StateStores.OBJECTS);
    ledger = context.getStateStore(StateStores.LEDGER);
    images = context.getStateStore(StateStores.IMAGES);
    features = withFeatures ? context.getStateStore(StateStores.FEATURES) : null;
    this.changes = changes.opened(context.taskId().partition());
  }

  public Optional<ObjectState> object(String objectId) {
    return Optional.ofNullable(objects.get(objectId));
  }

  /** The objects from this one on, itself included, in the order of their ids' UTF-8 bytes; null: all. To be closed. */
  public KeyValueIterator<String, ObjectState> objectsFrom(String objectId) {
    return objects.range(objectId, null);
  }

  public void putObject(String objectId, ObjectState state) {
    objects.put(objectId, state);
    changes.changed(objectId, state);
  }

  public Optional<LedgerEntry> entry(String objectId, String imageId) {
    return Optional.ofNullable(ledger.get(imageKey(objectId, imageId)));
  }

  /** The object's entries in order of sequence. */
  public List<LedgerEntry> ledger(String objectId) {
    return ledger(ledger, objectId);
  }

  /** As {@link #ledger(String)}, from a store that is being queried from outside. */
  public static List<LedgerEntry> ledger(ReadOnlyKeyValueStore<Bytes, LedgerEntry> store, String objectId) {
    List<LedgerEntry> entries = new ArrayList<>();
    try (KeyValueIterator<Bytes, LedgerEntry> scan = store.prefixScan(Keys.object(objectId), new BytesSerializer())) {
      scan.forEachRemaining(entry -> entries.add(entry.value));
    }
    entries.sort(Comparator.comparingLong(LedgerEntry::getSequence));
    return entries;
  }

  /**
   * Some of the object's entries; however many it has, no others are held in memory.
   *
   * @param places from 0 on, in the order of image ids
   * @return in the order of the places; a place that no entry has is passed over
   */
  public List<LedgerEntry> entries(String objectId, Set<Integer> places) {
    Map<Integer, LedgerEntry> entries = new HashMap<>();
    try (KeyValueIterator<Bytes, LedgerEntry> scan = ledger.prefixScan(Keys.object(objectId), new BytesSerializer())) {
      for (int place = 0; entries.size() < places.size() && scan.hasNext(); place++) {
        LedgerEntry entry = scan.next().value;
        if (places.contains(place)) {
          entries.put(place, entry);
        }
      }
    }
    return places.stream().filter(entries::containsKey).map(entries::get).toList();
  }

  /** Stores an entry with its bytes; null bytes: they lie elsewhere. */
  public void putImage(String objectId, LedgerEntry entry, byte[] bytes) {
    Bytes key = Keys.image(objectId, entry.getImageId());
    ledger.put(key, entry);
    if (bytes != null) {
      images.put(key, bytes);
    }
  }

  /** The bytes of an image that came by value. */
  public Optional<byte[]> image(String objectId, String imageId) {
    return Optional.ofNullable(images.get(imageKey(objectId, imageId)));
  }

  public boolean keepsFeatures() {
    return features != null;
  }

  /** Cached tokens of an image under an encoder (its SHA-256), if there are any. */
  public Optional<float[]> features(String objectId, LedgerEntry entry, byte[] encoderHash) {
    return keepsFeatures()
        ? Optional.ofNullable(features.get(featureKey(objectId, entry, encoderHash))).map(Floats::fromHalf)
        : Optional.empty();
  }

  public void putFeatures(String objectId, LedgerEntry entry, byte[] encoderHash, float[] tokens) {
    if (keepsFeatures()) {
      features.put(featureKey(objectId, entry, encoderHash), Floats.toHalf(tokens));
    }
  }

  /** Removes an object's cached tokens, but for those of these encoders (SHA-256). */
  public void keepFeatures(String objectId, Collection<byte[]> encoderHashes) {
    if (keepsFeatures()) {
      Set<ByteBuffer> kept = encoderHashes.stream().map(ByteBuffer::wrap).collect(Collectors.toSet());
      keys(features, Keys.object(objectId)).stream().filter(feature -> !kept.contains(Keys.encoder(feature)))
          .forEach(feature -> features.put(feature, null));
    }
  }

  /** Tokens as the features store would return them, so that folding them now or later gives the same state. */
  public float[] asStored(float[] tokens) {
    return keepsFeatures() ? Floats.rounded(tokens) : tokens;
  }

  /** Removes an image with all that is kept of it. */
  public void removeImage(String objectId, String imageId) {
    Bytes key = Keys.image(objectId, imageId);
    ledger.put(key, null);
    images.put(key, null);
    if (keepsFeatures()) {
      keys(features, key).stream().filter(feature -> Keys.isFeatureOf(key, feature)).forEach(feature -> features.put(feature, null));
    }
  }

  /** Removes an object with all its images. Reads none of them: that could take longer than a transaction may. */
  public void removeObject(String objectId) {
    Bytes prefix = Keys.object(objectId);
    objects.put(objectId, null);
    changes.gone(objectId);
    for (Bytes image : keys(ledger, prefix)) {
      ledger.put(image, null); // not delete, which would read what it deletes
      images.put(image, null);
    }
    if (keepsFeatures()) {
      keys(features, prefix).forEach(feature -> features.put(feature, null));
    }
  }

  /** Tells that the task is over; the stores themselves are Kafka Streams' to close. */
  @Override
  public void close() {
    changes.close();
  }

  /** The key of an image in the ledger and in the images store, for queries from outside. */
  public static Bytes imageKey(String objectId, String imageId) {
    return Keys.image(objectId, imageId);
  }

  /** The key of an image's tokens under an encoder (its SHA-256) in the features store, for queries from outside. */
  public static Bytes featureKey(String objectId, LedgerEntry entry, byte[] encoderHash) {
    return Keys.feature(objectId, entry.getImageId(), encoderHash, entry.getSha256().bytes());
  }

  private static List<Bytes> keys(KeyValueStore<Bytes, ?> store, Bytes prefix) {
    List<Bytes> keys = new ArrayList<>();
    try (KeyValueIterator<Bytes, ?> scan = store.prefixScan(prefix, new BytesSerializer())) {
      while (scan.hasNext()) {
        keys.add(scan.peekNextKey());
        scan.next();
      }
    }
    return keys;
  }
}
