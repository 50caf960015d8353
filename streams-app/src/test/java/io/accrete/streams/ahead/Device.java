package io.accrete.streams.ahead;

import io.accrete.streams.encode.BatchEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** An encoder under a test's control: one byte a photo, which is its token. A batch that has been begun ends when it may. */
final class Device implements BatchEncoder {
  static final byte UNRUNNABLE = 13;
  static final byte UNSPEAKABLE = 14;

  private final Semaphore begun = new Semaphore(0);
  private final Semaphore mayEnd = new Semaphore(0);
  private final List<List<Byte>> batches = new ArrayList<>();
  private final int batch;
  private final int batchesAtOnce;

  Device(int batch) {
    this(batch, 1);
  }

  Device(int batch, int batchesAtOnce) {
    this.batch = batch;
    this.batchesAtOnce = batchesAtOnce;
  }

  @Override
  public byte[] pixels(byte[] image) {
    return image;
  }

  @Override
  public float[][] encode(ByteBuffer pixels) {
    float[][] tokens = new float[pixels.remaining()][1];
    List<Byte> images = new ArrayList<>();
    for (float[] each : tokens) {
      byte image = pixels.get();
      images.add(image);
      each[0] = image;
    }
    synchronized (this) {
      batches.add(images);
    }
    begun.release();
    mayEnd.acquireUninterruptibly();
    if (images.contains(UNRUNNABLE)) {
      throw new IllegalStateException("A test's failure");
    }
    if (images.contains(UNSPEAKABLE)) {
      throw new LinkageError("A test's error");
    }
    return tokens;
  }

  @Override
  public int pixelBytes() {
    return 1;
  }

  @Override
  public int tokenBytes() {
    return Float.BYTES;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public int batchesAtOnce() {
    return batchesAtOnce;
  }

  void awaitBatch() throws InterruptedException {
    begun.acquire();
  }

  void endOne() {
    mayEnd.release();
  }

  void endAll() {
    mayEnd.release(1_000_000);
  }

  synchronized List<List<Byte>> batches() {
    return List.copyOf(batches);
  }
}
