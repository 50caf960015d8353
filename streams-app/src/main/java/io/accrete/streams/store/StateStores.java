package io.accrete.streams.store;

import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.state.SweepState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The state stores: their names, types and changelogs. All are persistent (RocksDB) and changelogged. */
public final class StateStores {
  /** Object id → {@link ObjectState}. */
  public static final String OBJECTS = "objects";
  /** Object id, image id → {@link LedgerEntry}. */
  public static final String LEDGER = "ledger";
  /** Object id, image id → encoded image. */
  public static final String IMAGES = "images";
  /** Object id, image id, encoder hash → fp16 tokens. */
  public static final String FEATURES = "features";

  /** Model version → {@link SweepState}. */
  public static final String SWEEPS = "sweeps";

  private StateStores() {}

  /**
   * Builders of all stores.
   *
   * @param maxMessageBytes largest record of a changelog that holds images or tokens
   * @param features whether there is a features store
   */
  public static List<StoreBuilder<?>> builders(int maxMessageBytes, boolean features) {
    // Not the size of today's tokens: changelogs stay as they were created, and the next model's may be larger.
    Map<String, String> roomy = Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
    List<StoreBuilder<?>> stores = new ArrayList<>();
    stores.add(store(OBJECTS, Serdes.String(), StateSerdes.objectState(), Map.of()));
    stores.add(store(LEDGER, Serdes.Bytes(), StateSerdes.ledgerEntry(), Map.of()));
    stores.add(store(SWEEPS, Serdes.String(), StateSerdes.sweepState(), Map.of()));
    stores.add(store(IMAGES, Serdes.Bytes(), Serdes.ByteArray(), roomy));
    if (features) {
      stores.add(store(FEATURES, Serdes.Bytes(), Serdes.ByteArray(), roomy));
    }
    return stores;
  }

  private static <K, V> StoreBuilder<KeyValueStore<K, V>> store(
      String name, Serde<K> keys, Serde<V> values, Map<String, String> changelog) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), keys, values).withLoggingEnabled(changelog);
  }
}
