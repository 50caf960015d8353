package io.accrete.streams.topology;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Tells what became of events that somebody wrote and waits for: of each partition that is here, what became of the last few thousand.
 * Safe for many threads; where nobody waits, an event costs an uncontended lock and two stores.
 *
 * <p>What is told is in the stores, but may not be committed yet. A transaction that is aborted closes its partition, whose events then
 * have their turn again.
 */
public final class OutcomeWatch {
  /** Kept of each partition: more than are processed between the acknowledgement of a record and the question for it. A power of two. */
  static final int KEPT = 4096;

  private final Map<Integer, Partition> partitions = new ConcurrentHashMap<>();

  /**
   * What became of an event.
   *
   * @param reason why it is a dead letter; empty: it is none
   * @param message the same as a sentence for a person; empty where it is none
   */
  public record Seen(Outcome outcome, Optional<DeadLetterReason> reason, String message) {
    private static final Map<Outcome, Seen> PROCESSED = new EnumMap<>(Outcome.class);

    static {
      for (Outcome outcome : Outcome.values()) {
        PROCESSED.put(outcome, new Seen(outcome, Optional.empty(), ""));
      }
    }

    static Seen of(Outcome outcome) {
      return PROCESSED.get(outcome);
    }

    static Seen of(RejectedEventException rejected) {
      return new Seen(Outcome.DEAD_LETTERED, Optional.of(rejected.reason()), rejected.getMessage());
    }
  }

  /**
   * What became of the event at this offset, as soon as that is known; empty if it is not known in time, or the partition is not here or
   * leaves. Completes on the thread that has the partition, so what follows is to be asynchronous.
   */
  public CompletableFuture<Optional<Seen>> seen(int partition, long offset, Duration patience) {
    Partition here = partitions.get(partition);
    return here == null ? CompletableFuture.completedFuture(Optional.empty()) : here.seen(offset, patience);
  }

  /** A task has the partition from now on, which tells of its events. */
  Partition opened(int partition) {
    Partition opened = new Partition(partition);
    Partition before = partitions.put(partition, opened);
    if (before != null) {
      before.leave();
    }
    return opened;
  }

  /** The events of one partition, told by one thread at a time. */
  final class Partition {
    private final int number;
    private final long[] offsets = new long[KEPT];
    private final Seen[] seen = new Seen[KEPT];
    private final Map<Long, List<CompletableFuture<Optional<Seen>>>> waiting = new HashMap<>();
    private boolean left;

    private Partition(int number) {
      this.number = number;
      Arrays.fill(offsets, -1);
    }

    /** The task is through with the event at this offset. */
    void through(long offset, Seen what) {
      List<CompletableFuture<Optional<Seen>>> waiters;
      synchronized (this) {
        int place = place(offset);
        offsets[place] = offset;
        seen[place] = what;
        waiters = waiting.isEmpty() ? null : waiting.remove(offset);
      }
      if (waiters != null) {
        waiters.forEach(waiter -> waiter.complete(Optional.of(what)));
      }
    }

    /** The partition is not here any more; nothing follows. */
    void close() {
      partitions.remove(number, this);
      leave();
    }

    private void leave() {
      List<CompletableFuture<Optional<Seen>>> all = new ArrayList<>();
      synchronized (this) {
        left = true;
        waiting.values().forEach(all::addAll);
        waiting.clear();
      }
      all.forEach(waiter -> waiter.complete(Optional.empty()));
    }

    private CompletableFuture<Optional<Seen>> seen(long offset, Duration patience) {
      CompletableFuture<Optional<Seen>> waiter = new CompletableFuture<>();
      synchronized (this) {
        int place = place(offset);
        if (offsets[place] == offset) {
          return CompletableFuture.completedFuture(Optional.of(seen[place]));
        }
        if (left) {
          return CompletableFuture.completedFuture(Optional.empty());
        }
        waiting.computeIfAbsent(offset, none -> new ArrayList<>(1)).add(waiter);
      }
      waiter.whenComplete((what, none) -> forget(offset, waiter));
      return waiter.completeOnTimeout(Optional.empty(), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void forget(long offset, CompletableFuture<Optional<Seen>> waiter) {
      waiting.computeIfPresent(offset, (same, waiters) -> {
        waiters.remove(waiter);
        return waiters.isEmpty() ? null : waiters;
      });
    }

    /** Of those who wait, for tests. */
    synchronized int waiting() {
      return waiting.size();
    }

    private static int place(long offset) {
      return (int) (offset & (KEPT - 1));
    }
  }
}
