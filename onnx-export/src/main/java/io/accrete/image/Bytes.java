package io.accrete.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/** Numbers in byte arrays; reading past the end throws {@link IndexOutOfBoundsException}. */
final class Bytes {
  private Bytes() {}

  static int u8(byte[] b, int at) {
    return b[at] & 0xff;
  }

  static int u16be(byte[] b, int at) {
    return u8(b, at) << 8 | u8(b, at + 1);
  }

  static int u16le(byte[] b, int at) {
    return u8(b, at + 1) << 8 | u8(b, at);
  }

  static int u24le(byte[] b, int at) {
    return u8(b, at + 2) << 16 | u16le(b, at);
  }

  static int i32be(byte[] b, int at) {
    return u16be(b, at) << 16 | u16be(b, at + 2);
  }

  static int i32le(byte[] b, int at) {
    return u16le(b, at + 2) << 16 | u16le(b, at);
  }

  static boolean matches(byte[] b, int at, String ascii) {
    byte[] expected = ascii.getBytes(StandardCharsets.ISO_8859_1);
    return at + expected.length <= b.length && Arrays.equals(b, at, at + expected.length, expected, 0, expected.length);
  }

  /** A part of the array; throws {@link IndexOutOfBoundsException} where it does not lie inside. */
  static byte[] slice(byte[] b, int at, int length) {
    Objects.checkFromIndexSize(at, length, b.length);
    return Arrays.copyOfRange(b, at, at + length);
  }

  static String hex(byte[] b, int most) {
    return HexFormat.ofDelimiter(" ").formatHex(b, 0, Math.min(most, b.length));
  }
}
