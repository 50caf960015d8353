package io.accrete.streams.store;

import io.accrete.state.ObjectState;

/**
 * Hears of every change of the objects store, in step with it: what is told has just been written, by an event or a sweep, and may not be
 * committed yet. A transaction that is aborted closes its partition, which is then opened again.
 *
 * <p>Called by stream threads between a photo and the next: an implementation takes microseconds, waits for nothing and throws nothing.
 */
@FunctionalInterface
public interface ObjectChanges {
  /** Hears nothing. */
  ObjectChanges UNHEARD = partition -> new Partition() {
    @Override
    public void changed(String objectId, ObjectState state) {}

    @Override
    public void gone(String objectId) {}

    @Override
    public void close() {}
  };

  /** A partition is here from now on, with the objects that its store holds already. */
  Partition opened(int partition);

  /** The changes of one partition, told by one thread at a time. */
  interface Partition extends AutoCloseable {
    /** The object is new, or another than before. The state is not modified any more. */
    void changed(String objectId, ObjectState state);

    /** There is no such object any more. */
    void gone(String objectId);

    /** The partition is not here any more; nothing follows. */
    @Override
    void close();
  }
}
