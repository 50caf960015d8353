package io.accrete.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Work on this thread that a stop signal interrupts; the process ends when the work has put its things in order, or after a while. */
final class Stoppable implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120; // for the step at hand and a checkpoint

  private final CountDownLatch ended = new CountDownLatch(1);
  private StopSignal signal;

  private Stoppable() {}

  static Stoppable install() {
    Stoppable work = new Stoppable();
    Thread worker = Thread.currentThread();
    work.signal = StopSignal.install(() -> {
      worker.interrupt();
      work.awaitEnd();
    });
    return work;
  }

  private void awaitEnd() {
    try {
      ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The work is done; if a signal asked for the end, this waits for it. */
  @Override
  public void close() {
    ended.countDown();
    if (signal.requested()) {
      signal.await();
    }
  }
}
