package io.accrete.bench;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Rounds of a benchmark. */
final class Rounds {
  private Rounds() {}

  /** The round whose ratio is the median; of an even number the lower one. */
  static <R> R median(List<R> rounds, ToDoubleFunction<R> ratio) {
    return rounds.stream().sorted(Comparator.comparingDouble(ratio)).toList().get((rounds.size() - 1) / 2);
  }
}
