package io.accrete.streams.ahead;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Threads that work for several parties in turn. Safe for many threads. */
public final class FairExecutor implements AutoCloseable {
  private final FairQueue<Runnable> waiting = new FairQueue<>();
  private final ExecutorService threads;

  /** That many threads, which do not keep the process alive. */
  public FairExecutor(String name, int threads) {
    this.threads = Executors.newFixedThreadPool(threads, task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    });
  }

  /** Runs work, which must not throw, when it is the party's turn. */
  public void execute(Object party, Runnable work) {
    synchronized (waiting) {
      waiting.add(party, work);
    }
    threads.execute(() -> next().run());
  }

  private Runnable next() {
    synchronized (waiting) {
      return waiting.poll();
    }
  }

  /** Interrupts what is running; what waits is never run. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
