package io.accrete.streams;

import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.ObjectQueries;
import io.accrete.streams.http.ObjectView;
import io.accrete.streams.http.Params;
import io.accrete.streams.http.Peers;
import io.accrete.streams.http.QueryUnavailableException;
import io.accrete.streams.store.Floats;
import io.accrete.streams.store.ObjectStores;
import io.accrete.streams.store.StateStores;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the stores of this instance. That an object is not there is said by the store of its partition alone, while it is open and
 * complete.
 */
final class StoreQueries implements ObjectQueries {
  private static final Logger log = LoggerFactory.getLogger(StoreQueries.class);

  private final KafkaStreams streams;
  private final Supplier<Optional<LiveModels>> models;
  private final Peers peers;

  StoreQueries(KafkaStreams streams, Supplier<Optional<LiveModels>> models, Peers peers) {
    this.streams = streams;
    this.models = models;
    this.peers = peers;
  }

  @Override
  public Optional<ObjectView> find(String objectId, Optional<String> model, boolean withLedger) throws QueryUnavailableException {
    Optional<Found<ObjectState>> found = look(objectId, StateStores.OBJECTS, objectId);
    return found.isEmpty() ? Optional.empty()
        : Optional.of(view(objectId, found.get().value(), found.get().partition(), model, withLedger));
  }

  /** What a store holds under a key that belongs to an object; empty if it holds nothing there. */
  <K, V> Optional<V> get(String objectId, String store, K key) throws QueryUnavailableException {
    return this.<K, V>look(objectId, store, key).map(Found::value);
  }

  private record Found<V>(int partition, V value) {}

  private <K, V> Optional<Found<V>> look(String objectId, String store, K key) throws QueryUnavailableException {
    int own = peers.partition(objectId);
    boolean absent = false;
    for (int partition : peers.localPartitions()) { // all of them: not every producer partitions as Kafka's own does
      try {
        V value = StoreQueries.<K, V>open(streams, store, partition).get(key);
        if (value != null) {
          return Optional.of(new Found<>(partition, value));
        }
        absent |= partition == own;
      } catch (InvalidStateStoreException | IllegalStateException e) {
        log.debug("Store {} of partition {} is not open", store, partition, e);
      }
    }
    if (!absent) {
      throw unavailable(objectId);
    }
    return Optional.empty();
  }

  /** All objects of one partition; empty: its store is not open, or not here. To be closed. */
  static Optional<KeyValueIterator<String, ObjectState>> objects(KafkaStreams streams, int partition) {
    try {
      return Optional.of(StoreQueries.<String, ObjectState>open(streams, StateStores.OBJECTS, partition).all());
    } catch (InvalidStateStoreException | IllegalStateException notOpen) {
      return Optional.empty();
    }
  }

  /**
   * Not by {@link KafkaStreams#query}: of Kafka 4.3.1 that locks a store's position and then the store, while writing locks the store and
   * then its position, so that a query could stop the partition for good.
   */
  private static <K, V> ReadOnlyKeyValueStore<K, V> open(KafkaStreams streams, String store, int partition) {
    return streams.store(StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.<K, V>keyValueStore()).withPartition(partition));
  }

  private ObjectView view(String objectId, ObjectState state, int partition, Optional<String> model, boolean withLedger)
      throws QueryUnavailableException {
    LiveModels live = models.get().orElseThrow(() -> new QueryUnavailableException("No model is loaded. Try again when /health/ready "
        + "says that one is.")); // asked once: an answer is of one version
    String modelVersion = model.orElse(live.serving().version());
    if (!live.folds(modelVersion)) {
      throw Params.refusal("model", "one of " + live.folding().stream().map(ServedModel::version).toList() + ", which are live",
          modelVersion);
    }
    Latent latent = state.getLatents().get(modelVersion);
    if (latent == null) {
      throw new QueryUnavailableException("The object was last folded under " + state.getLatents().keySet() + " and not yet under model "
          + modelVersion + "; its sweep or the next event of the object, a duplicate too, folds it.");
    }
    List<LedgerEntry> ledger = withLedger ? ledger(objectId, partition) : List.of();
    return new ObjectView(objectId, modelVersion, Floats.fromBytes(latent.getEmbedding()), state, ledger);
  }

  private List<LedgerEntry> ledger(String objectId, int partition) throws QueryUnavailableException {
    try {
      return ObjectStores.ledger(StoreQueries.<Bytes, LedgerEntry>open(streams, StateStores.LEDGER, partition), objectId);
    } catch (InvalidStateStoreException | IllegalStateException e) { // closed meanwhile
      throw unavailable(objectId);
    }
  }

  /** An object that is not here may be elsewhere: its partition decides. */
  private QueryUnavailableException unavailable(String objectId) {
    if (!streams.state().isRunningOrRebalancing()) {
      return new QueryUnavailableException("The state of this instance is not open: Kafka Streams is " + streams.state()
          + ". Try again when /health/ready says that it is running.");
    }
    int partition = peers.partition(objectId);
    if (peers.localPartitions().contains(partition)) {
      return new QueryUnavailableException("If there is such an object, it is in partition " + partition
          + ", whose state this instance is still restoring; try again in a few seconds.");
    }
    return new QueryUnavailableException("If there is such an object, it is in partition " + partition
        + ", which this instance does not have now; " + peers.owner(objectId).map(owner -> "ask " + owner.address() + ".")
            .orElse("ask another instance, or try again in a few seconds if partitions are being assigned."));
  }
}
