package io.accrete.trainer.data;

import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * Batches in order of their steps, made ahead on threads of its own. One thread takes them; any may close it.
 *
 * @param <B> a batch
 */
public final class Prefetcher<B> implements AutoCloseable {
  private final LongFunction<B> batches;
  private final ExecutorService workers;
  private final Deque<Batch<B>> ahead = new ConcurrentLinkedDeque<>();
  private long nextStep;
  private volatile long waitedNanos;

  private record Batch<B>(long step, FutureTask<B> task) {}

  /**
   * Starts to make batches.
   *
   * @param batches from a step to its batch; called on several threads, and must depend on the step alone
   * @param firstStep step of the first batch
   * @param ahead how many batches may be ready or in the making, at least 1; with what the caller holds this bounds the memory
   * @param threads at least 1
   */
  public Prefetcher(LongFunction<B> batches, long firstStep, int ahead, int threads) {
    if (ahead < 1 || threads < 1) {
      throw new IllegalArgumentException("Expected at least 1 batch ahead and 1 thread, found " + ahead + " and " + threads + ".");
    }
    this.batches = batches;
    this.nextStep = firstStep;
    this.workers = Executors.newFixedThreadPool(threads, daemons());
    for (int i = 0; i < ahead; i++) {
      start();
    }
  }

  /**
   * The batch of the next step; waits until it is made. An interrupt does not end the wait and is there afterwards: whoever is interrupted
   * finishes the step at hand.
   *
   * @throws IllegalStateException if it could not be made, with the step and the cause; the call after that goes on with the step that
   *     follows. Also if this was closed before the batch was made
   */
  public B next() {
    Batch<B> batch = ahead.element();
    long began = System.nanoTime();
    try {
      B made = uninterruptibly(batch.task);
      advance();
      return made;
    } catch (ExecutionException e) {
      advance();
      throw new IllegalStateException("The batch of step " + batch.step + " could not be made: " + message(e.getCause()), e.getCause());
    } catch (CancellationException e) {
      throw new IllegalStateException("There is no batch of step " + batch.step + ": the prefetcher is closed.", e);
    } finally {
      waitedNanos += System.nanoTime() - began; // only this thread writes it
    }
  }

  private static <B> B uninterruptibly(FutureTask<B> task) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** How long {@link #next} has waited in all: the time in which the device had nothing to do. */
  public Duration waited() {
    return Duration.ofNanos(waitedNanos);
  }

  /** Drops what is ahead, interrupts what is in the making, and returns when the threads have left it. */
  @Override
  public void close() {
    ahead.forEach(batch -> batch.task.cancel(true)); // before the interrupt: a batch that is left half-way must not pass for made
    workers.shutdownNow();
    ahead.forEach(batch -> batch.task.cancel(true)); // those that were added meanwhile and will never be begun
    try {
      workers.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void advance() {
    ahead.remove();
    start();
  }

  private void start() {
    long step = nextStep++;
    Batch<B> batch = new Batch<>(step, new FutureTask<>(() -> batches.apply(step)));
    ahead.add(batch);
    try {
      workers.execute(batch.task);
    } catch (RejectedExecutionException e) {
      batch.task.cancel(false); // closed
    }
  }

  private static String message(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private static ThreadFactory daemons() {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "prefetch-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
