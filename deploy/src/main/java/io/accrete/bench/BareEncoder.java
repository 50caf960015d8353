package io.accrete.bench;

import io.accrete.image.ImageException;
import io.accrete.streams.encode.BatchEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the encoder would do with nothing around it: photos in memory, decoded by as many threads as cores, encoded in batches of one size.
 */
final class BareEncoder {
  private static final int BATCHES_AHEAD = 4;

  private final BatchEncoder encoder;
  private final List<byte[]> photos;

  BareEncoder(BatchEncoder encoder, List<byte[]> photos) {
    this.encoder = encoder;
    this.photos = photos;
  }

  /** Images a second over this many images, as many at once. */
  double imagesPerSecond(int images, int batch) throws InterruptedException {
    ExecutorService decoders = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      ByteBuffer pixels = ByteBuffer.allocateDirect(batch * encoder.pixelBytes());
      Deque<Future<byte[]>> decoded = new ArrayDeque<>();
      int submitted = 0;
      long start = System.nanoTime();
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
      return images * 1e9 / (System.nanoTime() - start);
    } finally {
      decoders.shutdownNow();
    }
  }

  private static byte[] get(Future<byte[]> pixels) throws InterruptedException {
    try {
      return pixels.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ImageException image) {
        throw new IllegalArgumentException("A photo cannot be decoded: " + image.getMessage(), image);
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
