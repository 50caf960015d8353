package io.accrete.streams;

import io.accrete.image.ImageException;
import io.accrete.runtime.Folded;
import io.accrete.state.LedgerEntry;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.HistoryQueries;
import io.accrete.streams.http.HistoryView;
import io.accrete.streams.http.HistoryView.Fold;
import io.accrete.streams.http.ImageQueries;
import io.accrete.streams.http.ObjectView;
import io.accrete.streams.http.QueryUnavailableException;
import io.accrete.streams.http.UnreadableImageException;
import io.accrete.streams.rollout.RolloutFollower;
import io.accrete.streams.store.Floats;
import io.accrete.streams.store.ObjectStores;
import io.accrete.streams.store.StateStores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;

/** Folds objects again, beside the stream threads, to tell what each image did. What was folded last is kept. */
final class Histories implements HistoryQueries {
  private static final int KEPT = 64;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The same state of the same object: sequences begin anew when an object is deleted, offsets do not. */
  private record Key(String objectId, int partition, long offset, String modelVersion, int limit) {}

  private final StoreQueries stores;
  private final ImageQueries images;
  private final Supplier<RolloutFollower> follower;
  private final boolean features;
  private final Map<Key, HistoryView> kept = new LinkedHashMap<>(KEPT, 0.75f, true) {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Key, HistoryView> eldest) {
      return size() > KEPT;
    }
  };

  /**
   * Of these stores.
   *
   * @param follower gives the models; null: there are none yet
   * @param features whether there is a features store
   */
  Histories(StoreQueries stores, ImageQueries images, Supplier<RolloutFollower> follower, boolean features) {
    this.stores = stores;
    this.images = images;
    this.follower = follower;
    this.features = features;
  }

  @Override
  public Optional<HistoryView> history(String objectId, int limit) throws QueryUnavailableException, UnreadableImageException {
    RolloutFollower models = follower.get();
    if (models == null) {
      throw noModel();
    }
    try (RolloutFollower.Lease lease = models.acquireNow()) {
      ServedModel model = lease.live().orElseThrow(Histories::noModel).serving();
      Optional<ObjectView> object = stores.find(objectId, Optional.of(model.version()), true);
      return object.isEmpty() ? Optional.empty() : Optional.of(history(object.get(), model, limit));
    }
  }

  private static QueryUnavailableException noModel() {
    return new QueryUnavailableException("No model is loaded. Try again when /health/ready says that one is.");
  }

  private HistoryView history(ObjectView object, ServedModel model, int limit) throws QueryUnavailableException, UnreadableImageException {
    if (object.ledger().size() != object.state().getImageCount()
        || !object.ledger().isEmpty() && last(object).getSequence() > object.state().getSequence()) {
      throw changing(object.objectId());
    }
    Key key = new Key(object.objectId(), object.state().getSourcePartition(), object.state().getSourceOffset(), model.version(), limit);
    synchronized (kept) {
      HistoryView known = kept.get(key);
      if (known != null) {
        return known;
      }
    }
    HistoryView view = fold(object, model, limit);
    synchronized (kept) {
      kept.put(key, view);
    }
    return view;
  }

  private static LedgerEntry last(ObjectView object) {
    return object.ledger().get(object.ledger().size() - 1);
  }

  private static QueryUnavailableException changing(String objectId) {
    return new QueryUnavailableException("Object '" + objectId + "' is changing at this moment. Try again.");
  }

  private HistoryView fold(ObjectView object, ServedModel model, int limit) throws QueryUnavailableException, UnreadableImageException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<LedgerEntry> ledger = object.ledger().subList(0, Math.min(limit, object.ledger().size()));
    List<Fold> folds = new ArrayList<>();
    Folded now = null;
    for (LedgerEntry entry : ledger) {
      if (Thread.currentThread().isInterrupted()) {
        throw new QueryUnavailableException("The instance is stopping; ask another.");
      }
      if (System.nanoTime() > deadline) {
        throw new QueryUnavailableException("Folding " + ledger.size() + " images again takes longer than " + PATIENCE.toSeconds()
            + " s; " + folds.size() + " were done. Ask for fewer by 'limit'.");
      }
      Folded next = model.folder().fold(now == null ? null : now.state(), tokens(object.objectId(), entry, model), folds.size());
      folds.add(new Fold(entry, now == null ? 0 : degrees(now.embedding(), next.embedding()), inner(next.embedding(), object.embedding())));
      now = next;
    }
    return new HistoryView(object.objectId(), model.version(), object.state().getImageCount(), folds, now == null ? null : now.embedding());
  }

  private float[] tokens(String objectId, LedgerEntry entry, ServedModel model) throws QueryUnavailableException, UnreadableImageException {
    if (features) {
      Bytes key = ObjectStores.featureKey(objectId, entry, model.encoderHash());
      Optional<byte[]> known = stores.get(objectId, StateStores.FEATURES, key);
      if (known.isPresent()) {
        return Floats.fromHalf(known.get());
      }
    }
    try {
      float[] tokens = model.encoder().encode(images.bytes(objectId, entry));
      return features ? Floats.rounded(tokens) : tokens;
    } catch (ImageException e) {
      throw new UnreadableImageException("Image '" + entry.getImageId() + "' cannot be encoded any more: " + e.getMessage());
    }
  }

  private static double inner(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** By the chord, which is exact for small angles, where the inner product is not. */
  private static double degrees(float[] a, float[] b) {
    double square = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      square += difference * difference;
    }
    return Math.toDegrees(2 * Math.asin(Math.min(1, Math.sqrt(square) / 2)));
  }
}
