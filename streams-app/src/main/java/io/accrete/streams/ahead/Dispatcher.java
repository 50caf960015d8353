package io.accrete.streams.ahead;

import io.accrete.streams.encode.BatchEncoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Encodes images in batches on threads of its own, whatever partitions and stream threads they come from. A batch begins when a thread is
 * idle and the batch is full or no more images are expected; or when it has waited for them long enough. Images that are not urgent take
 * the room that is left, and while there are no others small batches of their own: one that is urgent may come at any time, and would wait
 * for a large one. Safe for many threads.
 */
public final class Dispatcher implements AutoCloseable {
  private record Request(byte[] pixels, CompletableFuture<float[]> tokens, long since) {}

  private record Batch(BatchEncoder encoder, List<Request> requests) {}

  private static final double NEWEST = 0.1; // weight of a batch in the mean
  private static final int PARTS = 4; // of a batch: one of them is a small batch

  private final int most;
  private final long waitNanos;
  private final AheadMetrics metrics;
  private final Queues urgent = new Queues();
  private final Queues others = new Queues();
  private final Map<BatchEncoder, Integer> running = new HashMap<>();
  private final List<Thread> threads;
  private int expected;
  private volatile double imageNanos; // 0: nothing was encoded yet
  private boolean closed;

  /**
   * Begins.
   *
   * @param threads that encode batches at the same time, where an encoder allows it
   * @param most images in a batch; 0: as the encoder likes it
   * @param wait how long images that are ready wait at most for those that are expected
   */
  public Dispatcher(int threads, int most, Duration wait, AheadMetrics metrics) {
    this.most = most;
    this.waitNanos = wait.toNanos();
    this.metrics = metrics;
    this.threads = Stream.generate(() -> new Thread(new Worker(), "encoder")).limit(threads).toList();
    this.threads.forEach(thread -> {
      thread.setDaemon(true);
      thread.start();
    });
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

  /** How long an encoder is busy with an image, as a mean of the last ones. */
  public long imageNanos() {
    return (long) imageNanos;
  }

  private void took(double nanosPerImage) {
    imageNanos = imageNanos == 0 ? nanosPerImage : (1 - NEWEST) * imageNanos + NEWEST * nanosPerImage;
  }

  /** Null: closed. */
  private synchronized Batch next() throws InterruptedException {
    while (true) {
      while (urgent.turn(this::mayBegin).or(() -> others.turn(this::mayBegin)).isEmpty() && !closed) {
        wait();
      }
      long start = System.nanoTime();
      for (long left = waitNanos; left > 0 && isWorthWaiting(); left = start + waitNanos - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      if (closed) {
        return null;
      }
      Optional<Batch> batch = take();
      if (batch.isPresent()) { // else another thread took it meanwhile
        return batch.get();
      }
    }
  }

  private boolean isWorthWaiting() {
    return expected > 0 && !closed && urgent.turn(this::mayBegin).isPresent()
        && urgent.turn(encoder -> mayBegin(encoder) && urgent.of(encoder).size() >= most(encoder)).isEmpty();
  }

  private boolean mayBegin(BatchEncoder encoder) {
    return running.getOrDefault(encoder, 0) < encoder.batchesAtOnce();
  }

  private synchronized void ended(Batch batch) {
    running.merge(batch.encoder, -1, (before, less) -> before + less == 0 ? null : before + less);
    notifyAll();
  }

  private int most(BatchEncoder encoder) {
    return most == 0 ? encoder.batch() : most;
  }

  private Optional<Batch> take() {
    Optional<BatchEncoder> first = urgent.turn(this::mayBegin);
    return first.or(() -> others.turn(this::mayBegin)).map(encoder -> {
      List<Request> requests = new ArrayList<>();
      urgent.drain(encoder, most(encoder), requests);
      others.drain(encoder, first.isPresent() ? most(encoder) : Math.max(1, most(encoder) / PARTS), requests);
      running.merge(encoder, 1, Integer::sum);
      return new Batch(encoder, requests);
    });
  }

  private synchronized void end() {
    closed = true;
    notifyAll();
    urgent.cancel();
    others.cancel();
  }

  /** Ends after the batches under way; tokens of images that wait are cancelled. */
  @Override
  public void close() {
    end();
    boolean interrupted = false;
    for (Thread thread : threads) {
      interrupted |= join(thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether this thread was interrupted meanwhile. */
  private static boolean join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the encoder must not be closed under it
      }
    }
    return interrupted;
  }

  /** Encodes one batch after the other. */
  private final class Worker implements Runnable {
    private ByteBuffer pixels = ByteBuffer.allocateDirect(0); // for all batches: direct memory is dear to allocate and late to be freed

    @Override
    public void run() {
      try {
        for (Batch batch = next(); batch != null; batch = next()) {
          if (!batch.requests.isEmpty()) {
            encode(batch.encoder, batch.requests);
          }
          ended(batch);
        }
      } catch (InterruptedException e) {
        end(); // nobody but the end of the process interrupts this thread
      }
    }

    private void encode(BatchEncoder encoder, List<Request> requests) {
      long start = System.nanoTime();
      requests.forEach(request -> metrics.queue().record(start - request.since, TimeUnit.NANOSECONDS));
      metrics.batch().record(requests.size());
      try {
        float[][] tokens = encoder.encode(pixels(encoder, requests));
        for (int i = 0; i < tokens.length; i++) {
          requests.get(i).tokens.complete(tokens[i]);
        }
      } catch (RuntimeException | Error e) { // whatever it is: those who wait must hear of it, and others be served
        requests.forEach(request -> request.tokens.completeExceptionally(e));
      } finally {
        long nanos = System.nanoTime() - start;
        metrics.device().record(nanos, TimeUnit.NANOSECONDS);
        took((double) nanos / requests.size());
      }
    }

    private ByteBuffer pixels(BatchEncoder encoder, List<Request> requests) {
      int room = Math.multiplyExact(most(encoder), encoder.pixelBytes());
      if (pixels.capacity() < room) {
        pixels = ByteBuffer.allocateDirect(room);
      }
      pixels.clear();
      requests.forEach(request -> pixels.put(request.pixels));
      return pixels.flip();
    }
  }

  /** What waits, by encoder. */
  private static final class Queues {
    private final Map<BatchEncoder, FairQueue<Request>> queues = new LinkedHashMap<>(); // the one that was served last comes last

    FairQueue<Request> of(BatchEncoder encoder) {
      return queues.computeIfAbsent(encoder, any -> new FairQueue<>());
    }

    /** The first of those that may have their turn. */
    Optional<BatchEncoder> turn(Predicate<BatchEncoder> may) {
      return queues.keySet().stream().filter(may).findFirst();
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
