package io.accrete.streams.store;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One bound on the native memory of all RocksDB stores of an application: block cache, index, filters and write buffers share it.
 *
 * <p>Put {@link #streamsConfig()} into the configuration of Kafka Streams and close this after Kafka Streams is closed.
 */
public final class RocksDbMemory implements AutoCloseable {
  private static final String INSTANCE = "accrete.rocksdb.memory";
  private static final double WRITE_SHARE = 0.5;
  private static final long BLOB_BYTES = 4096;

  private final Cache cache;
  private final WriteBufferManager writeBuffers;

  /** A bound in bytes; it is not strict: a read is never refused. */
  public RocksDbMemory(long bytes) {
    RocksDB.loadLibrary();
    cache = new LRUCache(bytes);
    writeBuffers = new WriteBufferManager((long) (bytes * WRITE_SHARE), cache);
  }

  /** The settings that make Kafka Streams use this bound. */
  public Map<String, Object> streamsConfig() {
    return Map.of("rocksdb.config.setter", ConfigSetter.class, INSTANCE, this);
  }

  @Override
  public void close() {
    writeBuffers.close();
    cache.close();
  }

  /** Instantiated by Kafka Streams, once per store. */
  public static final class ConfigSetter implements RocksDBConfigSetter {
    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
      RocksDbMemory memory = (RocksDbMemory) configs.get(INSTANCE);
      BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
      table.setBlockCache(memory.cache);
      table.setCacheIndexAndFilterBlocks(true);
      table.setCacheIndexAndFilterBlocksWithHighPriority(true);
      table.setPinTopLevelIndexAndFilter(true);
      options.setTableFormatConfig(table);
      options.setWriteBufferManager(memory.writeBuffers);
      if (storeName.equals(StateStores.IMAGES)) { // photos in files of their own, or every compaction writes them again
        options.setEnableBlobFiles(true);
        options.setMinBlobSize(BLOB_BYTES);
        options.setEnableBlobGarbageCollection(true);
      }
    }

    /** The cache and the write buffers are shared by all stores; {@link RocksDbMemory#close()} frees them. */
    @Override
    public void close(String storeName, Options options) {}
  }
}
