package io.accrete.streams.similarity;

import io.accrete.state.ObjectState;
import io.accrete.streams.store.ObjectChanges;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.kafka.streams.KeyValue;

/**
 * The objects of one partition that is here: what changes tell at once, and what was in the store before as soon as that has been read.
 * Written by the partition's stream thread and by the one that reads the store; read by many.
 */
final class PartitionTable implements ObjectChanges.Partition {
  private static final int STEP = 1024;

  private final int partition;
  private final Consumer<Slot> changed;
  private final Consumer<PartitionTable> closed;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();
  private final Set<String> gone = ConcurrentHashMap.newKeySet(); // what the reader of the store must not bring back
  private final LongAdder bytes = new LongAdder();
  private volatile boolean complete;
  private volatile boolean abandoned;
  private volatile boolean open = true;

  /**
   * Empty at first.
   *
   * @param changed hears of every change, after it
   * @param closed hears of the end
   */
  PartitionTable(int partition, Consumer<Slot> changed, Consumer<PartitionTable> closed) {
    this.partition = partition;
    this.changed = changed;
    this.closed = closed;
  }

  int partition() {
    return partition;
  }

  boolean isOpen() {
    return open;
  }

  /** Whether it holds every object of the partition. */
  boolean isComplete() {
    return complete && open;
  }

  Collection<Slot> slots() {
    return slots.values();
  }

  int size() {
    return slots.size();
  }

  Optional<Slot> find(String objectId) {
    return Optional.ofNullable(slots.get(objectId));
  }

  /** About what it takes of memory. */
  long bytes() {
    return bytes.sum();
  }

  /** Is empty from now on, and never complete. */
  void abandon() {
    abandoned = true;
    complete = false;
    slots.clear();
    gone.clear();
  }

  boolean isAbandoned() {
    return abandoned;
  }

  @Override
  public void changed(String objectId, ObjectState state) {
    if (abandoned) {
      return;
    }
    Entry entry = Entry.of(objectId, state);
    changed.accept(slots.compute(objectId, (id, slot) -> {
      Slot now = slot == null ? new Slot(this) : slot;
      bytes.add(now.set(entry));
      return now;
    }));
  }

  @Override
  public void gone(String objectId) {
    if (!complete && !abandoned) {
      gone.add(objectId); // before it is removed: whoever finds no slot finds this
    }
    Slot slot = slots.remove(objectId);
    if (slot != null) {
      bytes.add(slot.set(null));
      changed.accept(slot);
    }
  }

  /**
   * Takes up what the store holds, but for objects that have changed since the table was opened: of these the changes tell more.
   *
   * @param stored read from the store after the table was opened
   * @param step called now and then
   */
  void fill(Iterator<KeyValue<String, ObjectState>> stored, Runnable step) {
    for (int read = 1; open && !abandoned && stored.hasNext(); read++) {
      if (read % STEP == 0) {
        step.run();
      }
      KeyValue<String, ObjectState> object = stored.next();
      if (!slots.containsKey(object.key)) {
        Entry entry = Entry.of(object.key, object.value);
        Slot filled = slots.compute(object.key, (id, slot) -> {
          if (slot != null || gone.contains(id)) {
            return slot;
          }
          Slot fresh = new Slot(this);
          bytes.add(fresh.set(entry));
          return fresh;
        });
        if (filled != null) {
          changed.accept(filled);
        }
      }
    }
    if (open && !abandoned) {
      complete = true;
      gone.clear();
    }
  }

  @Override
  public void close() {
    open = false;
    closed.accept(this);
  }
}
