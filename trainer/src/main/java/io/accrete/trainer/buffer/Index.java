package io.accrete.trainer.buffer;

import io.accrete.trainer.buffer.Change.Dropped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Which object has which photos, in memory: the sum of all changes. Every object has at least two. Not for several threads. */
final class Index {
  /** The photos of one object, the oldest first. */
  private record Photos(String object, TreeMap<Long, StoredPhoto> byArrival) {
    StoredPhoto oldest() {
      return byArrival.firstEntry().getValue();
    }

    boolean contains(String sha256) {
      return byArrival.values().stream().anyMatch(photo -> photo.sha256().equals(sha256));
    }
  }

  private static final Comparator<Photos> FULLEST_FIRST = Comparator.<Photos>comparingInt(photos -> -photos.byArrival.size())
      .thenComparingLong(photos -> photos.oldest().arrival());

  private final Map<String, Photos> objects = new HashMap<>();
  private final TreeSet<Photos> fullestFirst = new TreeSet<>(FULLEST_FIRST);
  private final Map<String, Long> offsets = new TreeMap<>();
  private final Set<String> saved = new LinkedHashSet<>();
  private long photos;
  private long bytes;
  private long arrivals;

  /**
   * Adds those of the photos that the object does not have, and drops photos until the limits hold: always the oldest of the object that
   * has most.
   *
   * @param sizes bytes by SHA-256, in order of arrival
   */
  Change add(String object, Map<String, Long> sizes, BufferLimits limits) {
    List<StoredPhoto> added = new ArrayList<>();
    Photos held = objects.get(object);
    sizes.forEach((sha256, size) -> {
      if (held == null || !held.contains(sha256)) {
        added.add(new StoredPhoto(sha256, size, arrivals++));
      }
    });
    added.forEach(photo -> insert(object, photo));
    List<Dropped> dropped = new ArrayList<>();
    if (!added.isEmpty()) {
      leaveIfAlone(objects.get(object), dropped);
    }
    shrink(limits, dropped);
    return Change.added(object, added, dropped);
  }

  /** Drops photos until the limits hold. */
  Change shrink(BufferLimits limits) {
    List<Dropped> dropped = new ArrayList<>();
    shrink(limits, dropped);
    return Change.dropped(dropped);
  }

  private void shrink(BufferLimits limits, List<Dropped> dropped) {
    while (!fullestFirst.isEmpty() && (bytes > limits.bytes() || fullestFirst.first().byArrival.size() > limits.photos())) {
      Photos fullest = fullestFirst.first();
      remove(fullest, fullest.oldest(), dropped);
      leaveIfAlone(fullest, dropped);
    }
  }

  /** Drops the photos that are so. */
  Change drop(Predicate<StoredPhoto> unwanted) {
    List<Dropped> dropped = new ArrayList<>();
    for (Photos of : List.copyOf(objects.values())) {
      List<StoredPhoto> leaving = of.byArrival.values().stream().filter(unwanted).toList();
      leaving.forEach(photo -> remove(of, photo, dropped));
      leaveIfAlone(of, dropped);
    }
    return Change.dropped(dropped);
  }

  Change remember(String snapshot) {
    saved.add(snapshot);
    return Change.saved(List.of(snapshot));
  }

  Change forget(Collection<String> snapshots) {
    saved.removeAll(snapshots);
    return Change.closed(List.copyOf(snapshots));
  }

  void read(Map<String, Long> upTo) {
    offsets.putAll(upTo);
  }

  /** Makes a change that was made before true again. */
  void apply(Change change) {
    change.added().forEach(photo -> {
      insert(change.object(), photo);
      arrivals = Math.max(arrivals, photo.arrival() + 1);
    });
    change.dropped().forEach(drop -> {
      Photos of = objects.get(drop.object());
      if (of != null) {
        remove(of, drop.photo(), new ArrayList<>());
      }
    });
    offsets.putAll(change.offsets());
    saved.addAll(change.saved());
    change.closed().forEach(saved::remove);
  }

  private void insert(String object, StoredPhoto photo) {
    Photos of = objects.computeIfAbsent(object, id -> new Photos(id, new TreeMap<>()));
    if (!of.byArrival.isEmpty()) {
      fullestFirst.remove(of); // its place in the order changes
    }
    of.byArrival.put(photo.arrival(), photo);
    fullestFirst.add(of);
    photos++;
    bytes += photo.bytes();
  }

  private void remove(Photos of, StoredPhoto photo, List<Dropped> dropped) {
    fullestFirst.remove(of);
    if (of.byArrival.remove(photo.arrival()) != null) {
      dropped.add(new Dropped(of.object, photo));
      photos--;
      bytes -= photo.bytes();
    }
    if (of.byArrival.isEmpty()) {
      objects.remove(of.object);
    } else {
      fullestFirst.add(of);
    }
  }

  private void leaveIfAlone(Photos of, List<Dropped> dropped) {
    if (of.byArrival.size() < BufferLimits.LEAST_PHOTOS) {
      List.copyOf(of.byArrival.values()).forEach(photo -> remove(of, photo, dropped));
    }
  }

  /** The fewest changes from which the same index follows. */
  List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    objects.forEach((object, of) -> changes.add(Change.added(object, List.copyOf(of.byArrival.values()), List.of())));
    changes.add(Change.read(offsets));
    changes.add(Change.saved(List.copyOf(saved)));
    return changes;
  }

  /** Every object's photos, the oldest first. */
  SortedMap<String, List<StoredPhoto>> photosByObject() {
    SortedMap<String, List<StoredPhoto>> all = new TreeMap<>();
    objects.forEach((object, of) -> all.put(object, List.copyOf(of.byArrival.values())));
    return all;
  }

  OptionalLong offset(String partition) {
    Long offset = offsets.get(partition);
    return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  Collection<String> saved() {
    return List.copyOf(saved);
  }

  int objects() {
    return objects.size();
  }

  long photos() {
    return photos;
  }

  long bytes() {
    return bytes;
  }
}
