package io.accrete.bench;

/** For those who wait for a benchmark. */
public interface BenchObserver {
  /** Something else is done from now on, of so many steps; negative: nobody knows. */
  void begins(String task, long steps);

  /** So many steps of it are done. */
  void reached(long step);
}
