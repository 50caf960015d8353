package io.accrete.streams.store;

import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
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

  /** Room for a key and a record's framing beside the largest value. */
  private static final int OVERHEAD = 64 * 1024;

  private StateStores() {}

  /**
   * Builders of all stores.
   *
   * @param imageMaxBytes largest encoded image, in bytes
   * @param features whether there is a features store
   * @param tokenFloats floats of one image's tokens
   */
  public static List<StoreBuilder<?>> builders(int imageMaxBytes, boolean features, int tokenFloats) {
    List<StoreBuilder<?>> stores = new ArrayList<>();
    stores.add(store(OBJECTS, Serdes.String(), StateSerdes.objectState(), Map.of()));
    stores.add(store(LEDGER, Serdes.Bytes(), StateSerdes.ledgerEntry(), Map.of()));
    stores.add(store(IMAGES, Serdes.Bytes(), Serdes.ByteArray(), maxMessage(imageMaxBytes)));
    if (features) {
      stores.add(store(FEATURES, Serdes.Bytes(), Serdes.ByteArray(), maxMessage(tokenFloats * Short.BYTES)));
    }
    return stores;
  }

  private static Map<String, String> maxMessage(int valueBytes) {
    int kafkaDefault = 1024 * 1024;
    return Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Math.max(kafkaDefault, valueBytes + OVERHEAD)));
  }

  private static <K, V> StoreBuilder<KeyValueStore<K, V>> store(
      String name, Serde<K> keys, Serde<V> values, Map<String, String> changelog) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), keys, values).withLoggingEnabled(changelog);
  }

}
