package io.accrete.flink;

import io.accrete.streams.encode.BatchEncoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Encodes images in batches on a thread of its own. A batch begins when it is full, or its first image has waited long enough. */
final class Batcher implements AutoCloseable {
  private record Request(byte[] pixels, CompletableFuture<float[]> tokens) {}

  private final BatchEncoder encoder;
  private final long waitNanos;
  private final BlockingQueue<Request> ready = new LinkedBlockingQueue<>(); // as many as the asynchronous operator has room for
  private final ByteBuffer pixels;
  private final Thread thread = new Thread(this::run, "encoder");

  Batcher(BatchEncoder encoder, Duration wait) {
    this.encoder = encoder;
    waitNanos = wait.toNanos();
    pixels = ByteBuffer.allocateDirect(encoder.batch() * encoder.pixelBytes());
    thread.start();
  }

  CompletableFuture<float[]> encode(byte[] image) {
    Request request = new Request(image, new CompletableFuture<>());
    ready.add(request);
    return request.tokens;
  }

  private void run() {
    try {
      while (true) {
        encode(next());
      }
    } catch (InterruptedException e) {
      // as close wants it
    }
  }

  private List<Request> next() throws InterruptedException {
    List<Request> batch = new ArrayList<>();
    batch.add(ready.take());
    long deadline = System.nanoTime() + waitNanos;
    while (batch.size() < encoder.batch()) {
      Request more = ready.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (more == null) {
        break;
      }
      batch.add(more);
    }
    return batch;
  }

  private void encode(List<Request> batch) {
    try {
      pixels.clear();
      batch.forEach(request -> pixels.put(request.pixels));
      float[][] tokens = encoder.encode(pixels.flip());
      for (int i = 0; i < tokens.length; i++) {
        batch.get(i).tokens.complete(tokens[i]);
      }
    } catch (RuntimeException e) {
      batch.forEach(request -> request.tokens.completeExceptionally(e));
    }
  }

  /** Ends after the batch under way; who waits for others is not answered any more. */
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
