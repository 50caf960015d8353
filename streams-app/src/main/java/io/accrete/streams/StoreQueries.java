package io.accrete.streams;

import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.ObjectQueries;
import io.accrete.streams.http.ObjectView;
import io.accrete.streams.http.Params;
import io.accrete.streams.http.QueryUnavailableException;
import io.accrete.streams.store.Floats;
import io.accrete.streams.store.ObjectStores;
import io.accrete.streams.store.StateStores;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Reads the stores of this instance. */
final class StoreQueries implements ObjectQueries {
  private final KafkaStreams streams;
  private final Supplier<Optional<LiveModels>> models;
  private final String eventsTopic;
  private final int partitions;

  StoreQueries(KafkaStreams streams, Supplier<Optional<LiveModels>> models, String eventsTopic, int partitions) {
    this.streams = streams;
    this.models = models;
    this.eventsTopic = eventsTopic;
    this.partitions = partitions;
  }

  @Override
  public Optional<ObjectView> find(String objectId, Optional<String> model, boolean withLedger) throws QueryUnavailableException {
    try {
      ReadOnlyKeyValueStore<String, ObjectState> objects = store(StateStores.OBJECTS);
      ObjectState state = objects.get(objectId); // asked of all local partitions: not every producer partitions as Kafka's own does
      if (state == null) {
        requireLocal(objectId);
        return Optional.empty();
      }
      return Optional.of(view(objectId, state, model, withLedger));
    } catch (InvalidStateStoreException e) {
      if (streams.state().isRunningOrRebalancing()) {
        requireLocal(objectId); // where no partition is no store is open either
      }
      throw new QueryUnavailableException("The state of this instance is not open: Kafka Streams is " + streams.state()
          + ". Try again when /health/ready says that it is running.");
    }
  }

  private ObjectView view(String objectId, ObjectState state, Optional<String> model, boolean withLedger)
      throws QueryUnavailableException {
    LiveModels live = models.get().orElseThrow(() -> new QueryUnavailableException("No model is loaded. Try again when /health/ready "
        + "says that one is.")); // asked once: an answer is of one version
    String modelVersion = model.orElse(live.serving().version());
    if (!live.folds(modelVersion)) {
      throw Params.refusal("model", "one of " + live.folding().stream().map(ServedModel::version).toList()
          + ", which are live", modelVersion);
    }
    Latent latent = state.getLatents().get(modelVersion);
    if (latent == null) {
      throw new QueryUnavailableException("The object was last folded under " + state.getLatents().keySet() + " and not yet under model "
          + modelVersion + "; its sweep or the next event of the object, a duplicate too, folds it.");
    }
    List<LedgerEntry> ledger = withLedger ? ObjectStores.ledger(this.<Bytes, LedgerEntry>store(StateStores.LEDGER), objectId) : List.of();
    return new ObjectView(objectId, modelVersion, Floats.fromBytes(latent.getEmbedding()), state, ledger);
  }

  /** An object that is not here may be elsewhere: its partition decides. */
  private void requireLocal(String objectId) throws QueryUnavailableException {
    int partition = Utils.toPositive(Utils.murmur2(objectId.getBytes(StandardCharsets.UTF_8))) % partitions;
    boolean local = streams.metadataForLocalThreads().stream()
        .flatMap(thread -> thread.activeTasks().stream())
        .flatMap(task -> task.topicPartitions().stream())
        .anyMatch(active -> active.topic().equals(eventsTopic) && active.partition() == partition);
    if (!local) {
      throw new QueryUnavailableException("If there is such an object, it is in partition " + partition
          + ", which this instance does not have now; " + owner(objectId));
    }
  }

  private String owner(String objectId) {
    KeyQueryMetadata owner = streams.queryMetadataForKey(StateStores.OBJECTS, objectId, new StringSerializer());
    boolean known = owner != null && !owner.equals(KeyQueryMetadata.NOT_AVAILABLE) && !owner.activeHost().equals(HostInfo.unavailable());
    return known ? "ask " + owner.activeHost().host() + ":" + owner.activeHost().port() + "."
        : "ask another instance, or try again in a few seconds if partitions are being assigned.";
  }

  private <K, V> ReadOnlyKeyValueStore<K, V> store(String name) {
    return streams.store(StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<K, V>keyValueStore()));
  }
}
