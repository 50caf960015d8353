package io.accrete.trainer.torch;

/**
 * A number that changes with the steps: a straight line from {@code start} to {@code peak} during the warm-up, then half a cosine to
 * {@code end}.
 *
 * @param warmup steps of the warm-up
 * @param steps all steps; later ones stay at {@code end}
 */
public record Schedule(double start, double peak, double end, long warmup, long steps) {
  public Schedule {
    if (warmup < 0 || steps < 1 || warmup > steps) {
      throw new IllegalArgumentException("A schedule's warm-up must lie between 0 and its steps; found " + warmup + " of " + steps + ".");
    }
  }

  /** Half a cosine from the first step on. */
  public static Schedule cosine(double from, double to, long steps) {
    return new Schedule(from, from, to, 0, steps);
  }

  /** The value at a step, counted from 0. */
  public double at(long step) {
    if (step < warmup) {
      return warmup == 1 ? start : start + (peak - start) * step / (warmup - 1);
    }
    if (step >= steps) {
      return end;
    }
    return end + (peak - end) / 2 * (1 + Math.cos(Math.PI * (step - warmup) / (steps - warmup)));
  }
}
