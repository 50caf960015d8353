package io.accrete.image;

import static io.accrete.image.Bytes.u16le;
import static io.accrete.image.Bytes.u8;

import java.util.Arrays;

/** The blocks of a GIF file (GIF89a), up to the end of its first frame. */
final class GifFile {
  private static final int HEADER = 13;

  private GifFile() {}

  static Container parse(byte[] file) throws ImageException {
    int at = HEADER + paletteBytes(u8(file, 10));
    while (u8(file, at) == 0x21) { // extension
      at = endOfSubBlocks(file, at + 2);
    }
    if (u8(file, at) != 0x2c) {
      throw ImageException.corrupt("GIF", "it holds no frame");
    }
    int left = u16le(file, at + 1);
    int top = u16le(file, at + 3);
    int width = u16le(file, at + 5);
    int height = u16le(file, at + 7);
    int end = endOfSubBlocks(file, at + 10 + paletteBytes(u8(file, at + 9)) + 1);
    byte[] data = Arrays.copyOf(file, end + 1);
    data[end] = 0x3b; // trailer
    return new Container(Container.Format.GIF, Math.max(u16le(file, 6), left + width), Math.max(u16le(file, 8), top + height),
        left, top, width, height, null, data);
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private static int endOfSubBlocks(byte[] file, int from) {
    int at = from;
    for (int length = u8(file, at); length != 0; length = u8(file, at)) {
      at += length + 1;
    }
    return at + 1;
  }
}
