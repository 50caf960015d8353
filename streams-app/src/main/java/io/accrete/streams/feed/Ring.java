package io.accrete.streams.feed;

import io.accrete.subscriber.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The last changes of one space, written by one thread and read by many. The writer waits for nobody: a reader that is still at a change
 * when it has to make room is cut off.
 */
final class Ring {
  private static final int BATCH = 32;
  private static final int BATCH_BYTES = 64 * 1024;

  /**
   * How much it holds.
   *
   * @param changes at most so many
   * @param bytes at most so many, but always the last change
   */
  record Limits(int changes, long bytes) {}

  /**
   * What a reader gets.
   *
   * @param behind where a reader that got them all is at least; null while there is more
   * @param ended whether there will be nothing more, as another space began
   */
  record Batch(List<Change> changes, Place behind, boolean ended) {}

  /** The reader was too slow. */
  static final class CutOffException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final Change[] changes;
  private final long maxBytes;
  private final Place base; // before the oldest change
  private final Place head; // behind the newest
  private final Set<Cursor> cursors = new HashSet<>();
  private long first;
  private long next;
  private long bytes;
  private boolean ended;

  Ring(Place beginning, Limits limits) {
    base = beginning.copy();
    head = beginning.copy();
    changes = new Change[limits.changes()];
    maxBytes = limits.bytes();
  }

  /** Takes in a change, and cuts off whoever is at those that leave for it. */
  void add(Change change) {
    List<Cursor> late = new ArrayList<>();
    synchronized (this) {
      while (next - first == changes.length || next > first && bytes + change.bytes() > maxBytes) {
        drop(late);
      }
      changes[slot(next++)] = change;
      bytes += change.bytes();
      head.reach(change.partition(), change.offset());
      notifyAll();
    }
    late.forEach(cursor -> cursor.cut.run());
  }

  private void drop(List<Cursor> late) {
    Change oldest = changes[slot(first)];
    changes[slot(first++)] = null;
    bytes -= oldest.bytes();
    base.reach(oldest.partition(), oldest.offset());
    cursors.stream().filter(cursor -> cursor.at < first).forEach(cursor -> {
      cursor.cutOff = true;
      late.add(cursor);
    });
    cursors.removeAll(late);
  }

  private int slot(long index) {
    return (int) (index % changes.length);
  }

  /** Everything before these positions is in the ring. */
  synchronized void reach(Collection<Position> positions) {
    head.reach(positions);
  }

  /** Another space begins: readers get what they have not got yet, and then the end. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** A reader of what comes from now on. */
  synchronized Cursor enter(Runnable cut) {
    return new Cursor(next, head.copy(), cut);
  }

  /**
   * A reader that is at a place, if what comes behind it is all here.
   *
   * @param known whether the place is known to be in the topic: only then may it be further than the ring
   */
  synchronized Optional<Cursor> enter(Place place, boolean known, Runnable cut) {
    if (ended || !place.sameSpace(head) || !place.reaches(base) || !known && !head.reaches(place)) {
      return Optional.empty();
    }
    long at = first;
    while (at < next && place.has(changes[slot(at)].partition(), changes[slot(at)].offset())) {
      at++; // else it might be cut off at what it has already
    }
    return Optional.of(new Cursor(at, place, cut));
  }

  /** One reader; for one thread. */
  final class Cursor implements AutoCloseable {
    private final Place start;
    private final Runnable cut;
    private final long goal = next;
    private long at;
    private boolean cutOff;

    private Cursor(long at, Place start, Runnable cut) {
      this.at = at;
      this.start = start;
      this.cut = cut;
      cursors.add(this);
    }

    /** Where it began. What it gets may lie before that, and is known then. */
    Place start() {
      return start;
    }

    /** Whether it has got everything that was there when it came. */
    boolean caughtUp() {
      return at >= goal;
    }

    /** What comes next, as soon as there is something; nothing if that takes longer. */
    Batch next(Duration wait) throws CutOffException, InterruptedException {
      synchronized (Ring.this) {
        long deadline = System.nanoTime() + wait.toNanos();
        long left = wait.toNanos();
        while (at == next && !ended && !cutOff && left > 0) {
          Ring.this.wait(left / 1_000_000, (int) (left % 1_000_000));
          left = deadline - System.nanoTime();
        }
        if (cutOff) {
          throw new CutOffException();
        }
        List<Change> batch = new ArrayList<>();
        for (int size = 0; at < next && batch.size() < BATCH && size < BATCH_BYTES; at++) {
          batch.add(changes[slot(at)]);
          size += changes[slot(at)].bytes();
        }
        return new Batch(batch, at == next ? head.copy() : null, at == next && ended);
      }
    }

    @Override
    public void close() {
      synchronized (Ring.this) {
        cursors.remove(this);
      }
    }
  }
}
