package io.accrete.streams.similarity;

/** The place of one object in its partition's table, from when it came until it is gone. */
final class Slot {
  private final PartitionTable table;
  private volatile Entry entry;

  Slot(PartitionTable table, Entry entry) {
    this.table = table;
    this.entry = entry;
  }

  /** About what it took of memory last. */
  long bytes() {
    Entry last = entry;
    return last == null ? 0 : last.bytes();
  }

  /** The object is another than before; null: it is gone, for good. */
  void set(Entry now) {
    entry = now;
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
