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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Reads the stores of this instance. That an object is not there is said by the store of its partition alone, while it is open and
 * complete; the partitions of one thread answer while another restores.
 */
final class StoreQueries implements ObjectQueries {
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
    // Asked of all local partitions: not every producer partitions as Kafka's own does.
    Map<Integer, QueryResult<V>> answers = query(StateQueryRequest.inStore(store)
        .withQuery(KeyQuery.<K, V>withKey(key)).withAllPartitions().requireActive());
    for (Map.Entry<Integer, QueryResult<V>> answer : answers.entrySet()) {
      if (answer.getValue().isSuccess() && answer.getValue().getResult() != null) {
        return Optional.of(new Found<>(answer.getKey(), answer.getValue().getResult()));
      }
    }
    QueryResult<V> own = answers.get(peers.partition(objectId));
    if (own == null || own.isFailure()) {
      throw unavailable(objectId);
    }
    return Optional.empty();
  }

  /** All objects of one partition; empty: its store is not open, or not here. To be closed. */
  static Optional<KeyValueIterator<String, ObjectState>> objects(KafkaStreams streams, int partition) {
    try {
      QueryResult<KeyValueIterator<String, ObjectState>> all = streams.query(StateQueryRequest.inStore(StateStores.OBJECTS)
          .withQuery(RangeQuery.<String, ObjectState>withNoBounds()).withPartitions(Set.of(partition)).requireActive())
          .getPartitionResults().get(partition);
      return all == null || all.isFailure() ? Optional.empty() : Optional.of(all.getResult());
    } catch (InvalidStateStoreException | IllegalStateException notRunning) {
      return Optional.empty();
    }
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
    QueryResult<KeyValueIterator<Bytes, LedgerEntry>> found = query(StateQueryRequest.inStore(StateStores.LEDGER)
        .withQuery(ObjectStores.ledgerQuery(objectId)).withPartitions(Set.of(partition)).requireActive()).get(partition);
    if (found == null || found.isFailure()) {
      throw unavailable(objectId);
    }
    try (KeyValueIterator<Bytes, LedgerEntry> entries = found.getResult()) {
      return ObjectStores.ledger(objectId, entries);
    } catch (InvalidStateStoreException e) { // closed meanwhile
      throw unavailable(objectId);
    }
  }

  private <R> Map<Integer, QueryResult<R>> query(StateQueryRequest<R> request) throws QueryUnavailableException {
    try {
      return streams.query(request).getPartitionResults();
    } catch (InvalidStateStoreException | IllegalStateException e) {
      throw new QueryUnavailableException("The state of this instance is not open: Kafka Streams is " + streams.state()
          + ". Try again when /health/ready says that it is running.");
    }
  }

  /** An object that is not here may be elsewhere: its partition decides. */
  private QueryUnavailableException unavailable(String objectId) {
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
