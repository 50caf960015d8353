package io.accrete.streams.ahead;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * The records of one topic that stream threads polled and have not come to yet, with the work that was begun on them. Each thread sees its
 * own only. Nothing depends on it: a record that is not here has simply not been worked on.
 *
 * @param <W> work on one record
 */
public final class Polled<W extends Polled.Work> {
  /** Work that was begun on a record. */
  public interface Work {
    /** The record is about to be processed: what was done belongs to the processor now. */
    void taken();

    /** Nobody will ask for it. */
    void dropped();
  }

  private final String topic;
  private final Function<ConsumerRecord<byte[], byte[]>, Optional<W>> begin;
  private final ThreadLocal<Lanes<W>> lanes = ThreadLocal.withInitial(Lanes::new);

  /**
   * Nothing yet.
   *
   * @param begin begins work on a record with a value; empty: not now, as there is enough work under way
   */
  public Polled(String topic, Function<ConsumerRecord<byte[], byte[]>, Optional<W>> begin) {
    this.topic = topic;
    this.begin = begin;
  }

  /**
   * Takes note of what this thread polled.
   *
   * @param full whether it polled as much as it may at once, so that there is likely to be more
   */
  void add(ConsumerRecords<byte[], byte[]> records, boolean full) {
    Lanes<W> mine = lanes.get();
    for (TopicPartition partition : records.partitions()) {
      if (partition.topic().equals(topic)) {
        mine.byPartition.computeIfAbsent(partition.partition(), any -> new Lane<>()).add(records.records(partition));
      }
    }
    mine.full = full;
    mine.advance(begin);
  }

  /** The work on a record that this thread is about to process; all before it in its partition is forgotten. */
  public Optional<W> take(int partition, long offset) {
    Lanes<W> mine = lanes.get();
    Lane<W> lane = mine.byPartition.get(partition);
    if (lane == null) {
      return Optional.empty();
    }
    Optional<W> work = lane.take(offset);
    work.ifPresent(Work::taken);
    mine.advance(begin);
    return work;
  }

  /** Whether there are, or are likely to be, records that this thread has not come to yet. */
  public boolean hasMore() {
    return lanes.get().hasMore();
  }

  /** Forgets a partition that this thread does not process any more. */
  public void forget(int partition) {
    Lane<W> lane = lanes.get().byPartition.remove(partition);
    if (lane != null) {
      lane.clear();
    }
  }

  /** Forgets all that this thread polled. */
  void clear() {
    lanes.get().byPartition.values().forEach(Lane::clear);
    lanes.remove();
  }

  /** Those of one thread. */
  private static final class Lanes<W extends Work> {
    private final Map<Integer, Lane<W>> byPartition = new TreeMap<>();
    private boolean full; // the last poll

    /** Begins work, one record of each partition in turn as they are processed, until there is enough. */
    void advance(Function<ConsumerRecord<byte[], byte[]>, Optional<W>> begin) {
      boolean more = true;
      while (more) {
        more = false;
        for (Lane<W> lane : byPartition.values()) {
          if (lane.hasWaiting()) {
            if (!lane.beginNext(begin)) {
              return;
            }
            more = true;
          }
        }
      }
    }

    boolean hasMore() {
      if (full) {
        return true;
      }
      for (Lane<W> lane : byPartition.values()) { // asked for every record
        if (lane.hasMore()) {
          return true;
        }
      }
      return false;
    }
  }

  /** One partition, in the order of offsets: first what was begun, then what waits. */
  private static final class Lane<W extends Work> {
    private record Begun<W>(long offset, W work) {}

    private final Deque<Begun<W>> begun = new ArrayDeque<>();
    private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private long last = -1;

    void add(Iterable<ConsumerRecord<byte[], byte[]>> records) {
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.offset() <= last) { // the partition was away, or its transaction is repeated
          clear();
        }
        last = record.offset();
        if (record.value() != null) {
          waiting.add(record);
        }
      }
    }

    Optional<W> take(long offset) {
      while (!begun.isEmpty() && begun.peek().offset <= offset) {
        Begun<W> next = begun.remove();
        if (next.offset == offset) {
          return Optional.of(next.work);
        }
        next.work.dropped();
      }
      while (!waiting.isEmpty() && waiting.peek().offset() <= offset) {
        waiting.remove();
      }
      return Optional.empty();
    }

    boolean hasMore() {
      return !begun.isEmpty() || !waiting.isEmpty();
    }

    boolean hasWaiting() {
      return !waiting.isEmpty();
    }

    boolean beginNext(Function<ConsumerRecord<byte[], byte[]>, Optional<W>> begin) {
      ConsumerRecord<byte[], byte[]> next = waiting.peek();
      Optional<W> work = begin.apply(next);
      work.ifPresent(any -> {
        waiting.remove();
        begun.add(new Begun<>(next.offset(), any));
      });
      return work.isPresent();
    }

    void clear() {
      begun.forEach(each -> each.work.dropped());
      begun.clear();
      waiting.clear();
    }
  }
}
