package io.accrete.bench;

import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.BatchEncoder;
import io.accrete.streams.encode.ImageEncoder;
import io.accrete.streams.encode.ServedModel;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;

/** A model without work: tokens, states and embeddings out of nothing. What is left is the way of the record. */
final class FreeModel implements ImageEncoder, BatchEncoder {
  private static final int BATCH = 64;

  private final float[] tokens = {0};

  private FreeModel() {}

  /**
   * In place of a model.
   *
   * @param state floats of every state
   * @param embedding floats of every embedding
   */
  static ServedModel of(Model model, int state, int embedding) {
    Folded folded = new Folded(random(state), random(embedding)); // not zeros, which something may compress
    return new ServedModel(model.version(), HexFormat.of().parseHex(model.encoderSha256()), new FreeModel(),
        (before, tokens, count) -> folded);
  }

  private static float[] random(int length) {
    float[] values = new float[length];
    Random random = new Random(length);
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  @Override
  public float[] encode(byte[] image) {
    return tokens;
  }

  @Override
  public Optional<BatchEncoder> batches() {
    return Optional.of(this);
  }

  @Override
  public byte[] pixels(byte[] image) {
    return new byte[pixelBytes()];
  }

  @Override
  public float[][] encode(ByteBuffer pixels) {
    float[][] all = new float[pixels.remaining()][];
    Arrays.fill(all, tokens);
    return all;
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
    return BATCH;
  }

  @Override
  public int batchesAtOnce() {
    return 1;
  }
}
