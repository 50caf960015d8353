package io.accrete.bench;

import io.accrete.image.ImageException;
import io.accrete.streams.encode.BatchEncoder;
import io.accrete.streams.encode.ImageEncoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * An accelerator that takes a fixed time for a batch, whatever is in it, and no processor time. Photos are decoded as ever, or by the
 * accelerator too, as some can.
 */
final class SimulatedDevice implements ImageEncoder, BatchEncoder {
  static final int BATCH = 64;

  private final BatchEncoder real;
  private final Duration time;
  private final boolean decodes;

  /**
   * In the place of a real encoder.
   *
   * @param time of a batch
   * @param decodes whether the accelerator decodes, or the processor as for the real encoder
   */
  SimulatedDevice(BatchEncoder real, Duration time, boolean decodes) {
    this.real = real;
    this.time = time;
    this.decodes = decodes;
  }

  @Override
  public float[] encode(byte[] image) throws ImageException {
    return encode(ByteBuffer.wrap(pixels(image)))[0];
  }

  @Override
  public Optional<BatchEncoder> batches() {
    return Optional.of(this);
  }

  @Override
  public byte[] pixels(byte[] image) throws ImageException {
    return decodes ? new byte[] {image[image.length / 2]} : real.pixels(image);
  }

  /** The tokens are an image's first byte, everywhere. One batch at a time. */
  @Override
  public synchronized float[][] encode(ByteBuffer pixels) {
    float[][] tokens = new float[pixels.remaining() / pixelBytes()][tokenBytes() / Float.BYTES];
    for (int i = 0; i < tokens.length; i++) {
      Arrays.fill(tokens[i], 1 + (pixels.get(pixels.position() + i * pixelBytes()) & 0xff));
    }
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return tokens;
  }

  @Override
  public int pixelBytes() {
    return decodes ? 1 : real.pixelBytes();
  }

  @Override
  public int tokenBytes() {
    return real.tokenBytes();
  }

  @Override
  public int batch() {
    return BATCH;
  }

  @Override
  public int batchesAtOnce() {
    return 1;
  }
}
