package io.accrete.streams.similarity;

/** The place of one object in its partition's table, from when it came until it is gone. */
final class Slot {
  private final PartitionTable table;
  private volatile Entry entry;
  private volatile long bytes;

  Slot(PartitionTable table, Entry entry) {
    this.table = table;
    set(entry);
  }

  /** About what it takes of memory. */
  long bytes() {
    return bytes;
  }

  /** The object is another than before; null: it is gone, for good. */
  void set(Entry now) {
    entry = now;
    bytes = now == null ? 0 : now.bytes();
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
