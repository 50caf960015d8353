package io.accrete.cli;

import io.accrete.bench.BenchObserver;

/** What a benchmark does, one progress after the other. */
final class BenchProgress implements BenchObserver, AutoCloseable {
  private volatile Progress progress; // null: nothing is being done yet
  private volatile long last;

  @Override
  public void begins(String task, long steps) {
    close();
    last = steps;
    progress = Progress.start(task, steps, System.err);
  }

  @Override
  public void reached(long step) {
    progress.stepTo(step);
    if (last > 0 && step >= last) {
      close(); // what follows may have nothing to show for a while
    }
  }

  @Override
  public void close() {
    if (progress != null) {
      progress.close();
    }
  }
}
