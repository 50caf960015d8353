package io.accrete.streams.ahead;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** A queue that serves its parties in turn, so that one with much to do does not keep the others waiting. For one thread at a time. */
final class FairQueue<T> {
  private final Map<Object, Deque<T>> items = new HashMap<>();
  private final Deque<Object> turns = new ArrayDeque<>(); // of the parties that have items
  private int size;

  void add(Object party, T item) {
    items.computeIfAbsent(party, any -> {
      turns.add(party);
      return new ArrayDeque<>();
    }).add(item);
    size++;
  }

  /** The next item of the party whose turn it is; null: there is none. */
  T poll() {
    Object party = turns.poll();
    if (party == null) {
      return null;
    }
    Deque<T> left = items.get(party);
    T item = left.remove();
    size--;
    if (left.isEmpty()) {
      items.remove(party);
    } else {
      turns.add(party);
    }
    return item;
  }

  int size() {
    return size;
  }
}
