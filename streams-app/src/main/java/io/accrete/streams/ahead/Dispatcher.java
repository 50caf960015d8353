package io.accrete.streams.ahead;

import io.accrete.streams.encode.BatchEncoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Encodes images in batches on a thread of its own, whatever partitions and stream threads they come from. A batch begins when the encoder
 * is idle and the batch is full or no more images are expected; or when it has waited for them long enough. Images that are not urgent take
 * the room that is left, and while there are no others small batches of their own: one that is urgent may come at any time, and would wait
 * for a large one. Safe for many threads.
 */
public final class Dispatcher implements AutoCloseable {
  private record Request(byte[] pixels, CompletableFuture<float[]> tokens, long since) {}

  private record Batch(BatchEncoder encoder, List<Request> requests) {}

  private static final int PARTS = 4; // of a batch: one of them is a small batch

  private final int most;
  private final long waitNanos;
  private final AheadMetrics metrics;
  private final Queues urgent = new Queues();
  private final Queues others = new Queues();
  private final Thread thread = new Thread(this::run, "encoder");
  private int expected;
  private boolean closed;
  private ByteBuffer pixels = ByteBuffer.allocateDirect(0);

  /**
   * Begins.
   *
   * @param most images in a batch; 0: as the encoder likes it
   * @param wait how long images that are ready wait at most for those that are expected
   */
  public Dispatcher(int most, Duration wait, AheadMetrics metrics) {
    this.most = most;
    this.waitNanos = wait.toNanos();
    this.metrics = metrics;
    thread.setDaemon(true);
    thread.start();
  }

  /** An image is being prepared. */
  public synchronized void expect() {
    expected++;
  }

  /** An image that was expected is submitted, or will never be. */
  public synchronized void arrived() {
    expected--;
    notifyAll();
  }

  /**
   * Encodes an image. Completes its tokens, or fails them with what the encoder threw; if they are complete before its batch begins it is
   * left out.
   *
   * @param urgent whether others have to wait for it
   * @param party which of several takes a turn
   */
  public synchronized void submit(boolean urgent, Object party, BatchEncoder encoder, byte[] pixels, CompletableFuture<float[]> tokens) {
    if (closed) {
      tokens.cancel(false);
    } else {
      (urgent ? this.urgent : others).of(encoder).add(party, new Request(pixels, tokens, System.nanoTime()));
      notifyAll();
    }
  }

  private void run() {
    try {
      for (Batch batch = next(); batch != null; batch = next()) {
        encode(batch);
      }
    } catch (InterruptedException e) {
      close(); // nobody but the end of the process interrupts this thread
    }
  }

  /** Null: closed. */
  private synchronized Batch next() throws InterruptedException {
    while (urgent.isEmpty() && others.isEmpty() && !closed) {
      wait();
    }
    long start = System.nanoTime();
    for (long left = waitNanos; left > 0 && isWorthWaiting(); left = start + waitNanos - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return closed ? null : take();
  }

  private boolean isWorthWaiting() {
    return expected > 0 && !urgent.isEmpty() && !urgent.anyHas(this::most) && !closed;
  }

  private int most(BatchEncoder encoder) {
    return most == 0 ? encoder.batch() : most;
  }

  private Batch take() {
    Queues first = urgent.isEmpty() ? others : urgent;
    BatchEncoder encoder = first.turn();
    List<Request> requests = new ArrayList<>();
    urgent.drain(encoder, most(encoder), requests);
    others.drain(encoder, urgent == first ? most(encoder) : Math.max(1, most(encoder) / PARTS), requests);
    return new Batch(encoder, requests);
  }

  private void encode(Batch batch) {
    List<Request> requests = batch.requests;
    if (requests.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    requests.forEach(request -> metrics.queue().record(start - request.since, TimeUnit.NANOSECONDS));
    metrics.batch().record(requests.size());
    try {
      float[][] tokens = batch.encoder.encode(pixels(batch));
      for (int i = 0; i < tokens.length; i++) {
        requests.get(i).tokens.complete(tokens[i]);
      }
    } catch (RuntimeException | Error e) { // whatever it is: those who wait must hear of it, and others be served
      requests.forEach(request -> request.tokens.completeExceptionally(e));
    } finally {
      metrics.device().record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }

  /** One buffer for all batches: direct memory is dear to allocate and late to be freed. */
  private ByteBuffer pixels(Batch batch) {
    int room = Math.multiplyExact(most(batch.encoder), batch.encoder.pixelBytes());
    if (pixels.capacity() < room) {
      pixels = ByteBuffer.allocateDirect(room);
    }
    pixels.clear();
    batch.requests.forEach(request -> pixels.put(request.pixels));
    return pixels.flip();
  }

  /** Ends after the batch under way; tokens of images that wait are cancelled. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
      urgent.cancel();
      others.cancel();
    }
    boolean interrupted = false;
    while (thread.isAlive() && thread != Thread.currentThread()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the encoder must not be closed under it
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What waits, by encoder. */
  private static final class Queues {
    private final Map<BatchEncoder, FairQueue<Request>> queues = new LinkedHashMap<>(); // the one that was served last comes last

    FairQueue<Request> of(BatchEncoder encoder) {
      return queues.computeIfAbsent(encoder, any -> new FairQueue<>());
    }

    boolean isEmpty() {
      return queues.isEmpty();
    }

    boolean anyHas(ToIntFunction<BatchEncoder> images) {
      return queues.entrySet().stream().anyMatch(each -> each.getValue().size() >= images.applyAsInt(each.getKey()));
    }

    BatchEncoder turn() {
      return queues.keySet().iterator().next();
    }

    /** Fills a batch up to its size with what is still wanted. */
    void drain(BatchEncoder encoder, int size, List<Request> batch) {
      FairQueue<Request> queue = queues.remove(encoder);
      if (queue == null) {
        return;
      }
      while (queue.size() > 0 && batch.size() < size) {
        Request next = queue.poll();
        if (!next.tokens.isDone()) {
          batch.add(next);
        }
      }
      if (queue.size() > 0) {
        queues.put(encoder, queue);
      }
    }

    void cancel() {
      queues.values().forEach(queue -> {
        for (Request left = queue.poll(); left != null; left = queue.poll()) {
          left.tokens.cancel(false);
        }
      });
      queues.clear();
    }
  }
}
