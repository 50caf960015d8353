package io.accrete.streams.similarity;

/** The place of one object in its partition's table, from when it came until it is gone. */
final class Slot {
  private final PartitionTable table;
  private volatile Entry entry;
  private long bytes; // of the entry: to look through the one before would be to fetch it from memory

  /** Without an object yet. */
  Slot(PartitionTable table) {
    this.table = table;
  }

  /**
   * The object is another than before; null: it is gone, for good. By one thread at a time, as the table sees to.
   *
   * @return how much more memory it takes now, about
   */
  long set(Entry now) {
    long before = bytes;
    bytes = now == null ? 0 : now.bytes();
    entry = now;
    return bytes - before;
  }

  /** The object as it is now; null, as this is asked a million times for one search: it is gone, or its partition is. */
  Entry now() {
    return table.isOpen() ? entry : null;
  }

  /** Its embedding now; null: it has none under this version. */
  float[] embedding(String version) {
    Entry now = now();
    return now == null ? null : now.embeddings().get(version);
  }
}
