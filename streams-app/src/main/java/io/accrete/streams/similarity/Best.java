package io.accrete.streams.similarity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The first few of many, by an order; not for several threads. */
final class Best<T> {
  private final int most;
  private final Comparator<T> order;
  private final PriorityQueue<T> kept;

  /** @param order the best comes first */
  Best(int most, Comparator<T> order) {
    this.most = most;
    this.order = order;
    kept = new PriorityQueue<>(order.reversed());
  }

  void add(T candidate) {
    if (kept.size() < most) {
      kept.add(candidate);
    } else if (most > 0 && order.compare(candidate, kept.peek()) < 0) {
      kept.poll();
      kept.add(candidate);
    }
  }

  /** The best first. */
  List<T> inOrder() {
    List<T> all = new ArrayList<>(kept);
    all.sort(order);
    return all;
  }
}
