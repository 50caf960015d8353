package io.accrete.bench;

import io.accrete.image.ImageException;
import io.accrete.streams.encode.BatchEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the encoder would do with nothing around it: photos in memory, decoded by as many threads as cores, encoded in batches of one size,
 * some of them at a time.
 */
final class BareEncoder {
  private static final int BATCHES_AHEAD = 4;

  private final BatchEncoder encoder;
  private final List<byte[]> photos;

  BareEncoder(BatchEncoder encoder, List<byte[]> photos) {
    this.encoder = encoder;
    this.photos = photos;
  }

  /** Images a second over at least this many images, in batches of this size, so many batches at a time. */
  double imagesPerSecond(int images, int batch, int atOnce) throws InterruptedException {
    ExecutorService decoders = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    ExecutorService encoders = Executors.newFixedThreadPool(atOnce);
    try {
      int share = (images + atOnce - 1) / atOnce;
      long start = System.nanoTime();
      Callable<Void> part = () -> encode(share, batch, decoders);
      for (Future<Void> each : encoders.invokeAll(Collections.nCopies(atOnce, part))) {
        get(each);
      }
      return share * atOnce * 1e9 / (System.nanoTime() - start);
    } finally {
      encoders.shutdownNow();
      decoders.shutdownNow();
    }
  }

  private Void encode(int images, int batch, ExecutorService decoders) throws InterruptedException {
    ByteBuffer pixels = ByteBuffer.allocateDirect(batch * encoder.pixelBytes());
    Deque<Future<byte[]>> decoded = new ArrayDeque<>();
    int submitted = 0;
    for (int done = 0; done < images; ) {
      for (; submitted < images && decoded.size() < BATCHES_AHEAD * batch; submitted++) {
        byte[] photo = photos.get(submitted % photos.size());
        decoded.add(decoders.submit(() -> encoder.pixels(photo)));
      }
      pixels.clear();
      for (; pixels.hasRemaining() && !decoded.isEmpty(); done++) {
        pixels.put(get(decoded.remove()));
      }
      encoder.encode(pixels.flip());
    }
    return null;
  }

  private static <T> T get(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ImageException image) {
        throw new IllegalArgumentException("A photo cannot be decoded: " + image.getMessage(), image);
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
