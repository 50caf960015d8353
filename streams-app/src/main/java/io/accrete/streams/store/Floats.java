package io.accrete.streams.store;

import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** Float arrays as little-endian bytes, in full (float32) or half (IEEE 754 binary16) precision. */
public final class Floats {
  private Floats() {}

  /** float32, little-endian; at position 0. */
  public static ByteBuffer toBytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  /** The inverse of {@link #toBytes}; leaves the buffer's position alone. */
  public static float[] fromBytes(ByteBuffer bytes) {
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  /** The values as half precision has them, as which the features store keeps tokens. */
  public static float[] rounded(float[] values) {
    return fromHalf(toHalf(values));
  }

  static byte[] toHalf(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ShortBuffer halves = bytes.asShortBuffer();
    for (float value : values) {
      halves.put(Fp16Conversions.floatToFp16(value));
    }
    return bytes.array();
  }

  /** Tokens as the features store keeps them. */
  public static float[] fromHalf(byte[] bytes) {
    ShortBuffer halves = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    float[] values = new float[halves.remaining()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Fp16Conversions.fp16ToFloat(halves.get(i));
    }
    return values;
  }
}
