package io.accrete.onnx;

/** IEEE 754 half precision; the JDK has it only from version 20 on. */
public final class Float16 {
  private Float16() {}

  /** Rounds to nearest, ties to even; too large becomes infinite. */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
      return (short) (sign | 0x7E00);
    }
    if (magnitude >= 0x47800000) {
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x38800000) {
      // Adding 0.5 aligns the last bit of a subnormal half with the last bit of the float, and the addition rounds.
      int aligned = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - Float.floatToRawIntBits(0.5f);
      return (short) (sign | aligned);
    }
    int rounded = magnitude + 0xFFF + ((magnitude >>> 13) & 1) - 0x38000000;
    return (short) (sign | rounded >>> 13);
  }

  /** Exact. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      return Math.copySign(fraction * 0x1p-24f, sign == 0 ? 1f : -1f);
    }
    int bits = exponent == 31 ? 0x7F800000 | fraction << 13 : (exponent + 112) << 23 | fraction << 13;
    return Float.intBitsToFloat(sign | bits);
  }
}
