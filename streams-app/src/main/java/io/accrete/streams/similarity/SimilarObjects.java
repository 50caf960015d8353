package io.accrete.streams.similarity;

import io.accrete.config.ConfigKeys;
import io.accrete.state.ObjectState;
import io.accrete.streams.store.ObjectChanges;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of this instance's partitions, searched by their embeddings. In step with the objects stores: every answer is of what these
 * hold now, so an object that is gone is never found, and one that has just changed is found as it is.
 *
 * <p>Stream threads only note down what changed. One thread reads what a partition's store held when it came here, and maintains a graph of
 * the embeddings of each version that is live. What is not in the graph yet is compared one by one beside it, and where a graph would not
 * help (few objects, filters, a large part of all objects wanted) all are. Safe for many threads.
 */
public final class SimilarObjects implements ObjectChanges, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SimilarObjects.class);
  private static final int GRAPH_FROM = 2000; // objects; fewer are compared in less than a millisecond
  private static final int GRAPH_UNTIL = 1000;
  private static final int PART = 16; // of the objects; who wants more of them, or has more to compare beside the graph, compares all
  private static final long SLICE_NANOS = 10_000_000;
  private static final long PAUSE_NANOS = 500_000_000; // in which objects may change several times; those are compared one by one
  private static final long STORE_PAUSE_NANOS = 50_000_000;

  private final boolean index;
  private final long mostBytes;
  private final Supplier<Set<String>> versions;
  private final IntFunction<Optional<KeyValueIterator<String, ObjectState>>> stores;
  private final Map<Integer, PartitionTable> tables = new ConcurrentHashMap<>();
  private final Queue<PartitionTable> closed = new ConcurrentLinkedQueue<>(); // whose objects are still in the graphs
  private final Map<String, VersionGraph> graphs = new ConcurrentHashMap<>();
  private final Set<Slot> changed = ConcurrentHashMap.newKeySet(); // since they were put into the graphs
  private final Set<String> broken = new HashSet<>(); // versions whose graph failed
  private volatile Slot inHand; // not in changed any more, and not yet in every graph
  private volatile boolean full; // for good
  private volatile boolean stopping;
  private final ForkJoinPool cleaner = new ForkJoinPool(1); // whose one thread works while the keeper waits for it
  private final Thread keeper = new Thread(this::keep, "similarity");

  /**
   * Begins to hear changes.
   *
   * @param index whether graphs are kept
   * @param mostBytes of memory, about; with more objects there are no answers any more
   * @param versions those that events fold into now
   * @param stores reads the objects store of a partition; empty while it cannot be read
   */
  public SimilarObjects(boolean index, long mostBytes, Supplier<Set<String>> versions,
      IntFunction<Optional<KeyValueIterator<String, ObjectState>>> stores) {
    this.index = index;
    this.mostBytes = mostBytes;
    this.versions = versions;
    this.stores = stores;
    keeper.setDaemon(true);
    keeper.setPriority(Thread.MIN_PRIORITY);
    keeper.start();
  }

  @Override
  public Partition opened(int partition) {
    PartitionTable table = new PartitionTable(partition, changed::add, this::closed);
    if (full) {
      table.abandon();
    }
    tables.put(partition, table);
    LockSupport.unpark(keeper);
    return table;
  }

  private void closed(PartitionTable table) {
    tables.remove(table.partition(), table);
    closed.add(table);
  }

  /** Objects in the partitions that are here. */
  public long objects() {
    return tables.values().stream().mapToLong(PartitionTable::size).sum();
  }

  /** Objects that have changed since they were put into the graphs. */
  public int pending() {
    return changed.size();
  }

  /** The objects nearest to a vector, the nearest first. */
  public Found<Neighbour> nearest(Search search) {
    return answer(searched -> {
      Best<Neighbour> best = new Best<>(search.k(), Neighbour.ORDER);
      for (Slot slot : candidates(search).orElseGet(() -> all(searched))) {
        Entry entry = slot.now();
        float[] embedding = entry == null ? null : entry.embeddings().get(search.version());
        if (embedding != null && search.wants(entry.summary())) {
          best.add(new Neighbour(entry.summary(), Vectors.dot(search.vector(), embedding)));
        }
      }
      return best.inOrder();
    });
  }

  /** The objects that changed last, the newest first. */
  public Found<ObjectSummary> latest(int limit, Filters filters) {
    return answer(searched -> {
      Best<ObjectSummary> best = new Best<>(limit, ObjectSummary.NEWEST);
      for (Slot slot : all(searched)) {
        Entry entry = slot.now();
        if (entry != null && filters.hold(entry.summary())) {
          best.add(entry.summary());
        }
      }
      return best.inOrder();
    });
  }

  /** Some of the objects that have an embedding under a version, the same ones as long as none come or go. */
  Found<Sampled> sample(String version, int limit) {
    return answer(searched -> {
      Best<Sampled> best = new Best<>(limit, Sampled.ORDER);
      for (Slot slot : all(searched)) {
        Entry entry = slot.now();
        if (entry != null && entry.embeddings().containsKey(version)) {
          best.add(new Sampled(entry.summary().objectId(), entry.summary().lastImageId(), entry.embeddings().get(version)));
        }
      }
      return best.inOrder();
    });
  }

  /** The embedding of an object that is here. */
  Optional<float[]> embedding(String objectId, String version) {
    return tables.values().stream().flatMap(table -> table.find(objectId).stream())
        .flatMap(slot -> Optional.ofNullable(slot.embedding(version)).stream()).findFirst();
  }

  /** Partitions that are complete before and after the search were searched, every object of them. */
  private <T> Found<T> answer(Function<List<PartitionTable>, List<T>> search) {
    List<PartitionTable> complete = tables.values().stream().filter(PartitionTable::isComplete).toList();
    List<T> found = search.apply(complete);
    SortedSet<Integer> searched = new TreeSet<>();
    long total = 0;
    for (PartitionTable table : complete) {
      if (table.isOpen()) {
        searched.add(table.partition());
        total += table.size();
      }
    }
    return new Found<>(found, total, searched);
  }

  private static Iterable<Slot> all(Collection<PartitionTable> tables) {
    return () -> tables.stream().flatMap(table -> table.slots().stream()).iterator();
  }

  /** What a graph finds, and all that is not in it as it is now; empty: compare all. */
  private Optional<Iterable<Slot>> candidates(Search search) {
    VersionGraph graph = graphs.get(search.version());
    long most = objects() / PART;
    if (graph == null || !search.filters().isEmpty() || search.k() > most) {
      return Optional.empty();
    }
    Set<Slot> candidates = new LinkedHashSet<>(); // what has changed first: what leaves it meanwhile is in the graph by then
    for (Slot slot : changed) {
      candidates.add(slot);
      if (candidates.size() > most) {
        return Optional.empty();
      }
    }
    Slot moving = inHand;
    if (moving != null) {
      candidates.add(moving);
    }
    return graph.nearest(search.vector(), search.k() + 1).map(found -> { // one of them may be the one to leave out
      candidates.addAll(found);
      return candidates;
    });
  }

  private void keep() {
    while (!stopping) {
      requireRoom();
      boolean waits = tables.values().stream().filter(table -> !table.isComplete() && !table.isAbandoned())
          .filter(table -> !read(table)).count() > 0;
      long worked = tend();
      LockSupport.parkNanos(worked > 0 ? worked : waits ? STORE_PAUSE_NANOS : PAUSE_NANOS); // no more than half of the time
    }
  }

  /** Rather no answers than no memory for events. */
  private void requireRoom() {
    if (!full && tables.values().stream().mapToLong(PartitionTable::bytes).sum() > mostBytes) {
      full = true;
      log.error("{}", refusal().orElseThrow());
      changed.clear();
      graphs.clear();
    }
    if (full) {
      tables.values().forEach(PartitionTable::abandon);
    }
  }

  /** Why there are no answers, for people; empty: there are. */
  public Optional<String> refusal() {
    return full ? Optional.of("The objects of this instance need more than " + mostBytes + " bytes of memory to be listed and searched. "
        + "Raise " + ConfigKeys.SIMILARITY_BYTES + " or the heap (-Xmx), or add instances, and restart it.") : Optional.empty();
  }

  /** Takes up what a partition's store holds; false: it cannot be read yet. */
  private boolean read(PartitionTable table) {
    try {
      Optional<KeyValueIterator<String, ObjectState>> stored = stores.apply(table.partition());
      if (stored.isEmpty()) {
        return false;
      }
      try (KeyValueIterator<String, ObjectState> objects = stored.get()) {
        table.fill(objects, this::requireRoom);
      }
      return true;
    } catch (InvalidStateStoreException e) {
      log.debug("The objects of partition {} cannot be read now", table.partition(), e);
    } catch (RuntimeException e) {
      log.warn("The objects of partition {} cannot be read for searches, which wait for them; it is tried again", table.partition(), e);
    }
    return false;
  }

  /** Brings the graphs closer to what the objects are; returns how long that took, 0 if nothing is left to be done. */
  private long tend() {
    long start = System.nanoTime();
    Set<String> live = index && objects() >= (graphs.isEmpty() ? GRAPH_FROM : GRAPH_UNTIL) ? versions.get() : Set.of();
    graphs.keySet().retainAll(live);
    for (String version : live) {
      if (!graphs.containsKey(version) && !broken.contains(version)) {
        tables.values().forEach(table -> changed.addAll(table.slots())); // before there is a graph that they are missing in
        graphs.put(version, new VersionGraph(version, cleaner));
      }
    }
    for (PartitionTable table = closed.poll(); table != null; table = closed.poll()) {
      changed.addAll(table.slots());
    }
    for (Slot slot : changed) {
      inHand = slot; // before it leaves: a search finds it in one place or the other
      changed.remove(slot);
      graphs.values().forEach(graph -> put(graph, slot));
      if (stopping || System.nanoTime() - start > SLICE_NANOS) {
        break;
      }
    }
    inHand = null;
    return changed.isEmpty() ? 0 : System.nanoTime() - start;
  }

  private void put(VersionGraph graph, Slot slot) {
    try {
      graph.put(slot);
    } catch (RuntimeException e) {
      log.warn("The graph of the embeddings of model {} is given up; searches compare all objects from now on", graph.version(), e);
      broken.add(graph.version());
      graphs.remove(graph.version());
    }
  }

  /** Ends the thread; answers are of no partition from now on. */
  @Override
  public void close() {
    stopping = true;
    tables.values().forEach(PartitionTable::close);
    LockSupport.unpark(keeper);
    boolean interrupted = false;
    while (keeper.isAlive()) {
      try {
        keeper.join();
      } catch (InterruptedException e) {
        interrupted = true; // what it reads must not be closed under it
      }
    }
    cleaner.shutdown();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
