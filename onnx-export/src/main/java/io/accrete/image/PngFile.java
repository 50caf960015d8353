package io.accrete.image;

import static io.accrete.image.Bytes.i32be;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;

/** The chunks of a PNG file (PNG specification, third edition, section 5). */
final class PngFile {
  private static final int SIGNATURE = 8;
  private static final int CHUNK_OVERHEAD = 12;

  private PngFile() {}

  static Container parse(byte[] file) throws ImageException {
    if (!Bytes.matches(file, SIGNATURE + 4, "IHDR")) {
      throw ImageException.corrupt("PNG", "it does not begin with its header");
    }
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
    kept.write(file, 0, SIGNATURE);
    byte[] exif = null;
    int at = SIGNATURE;
    boolean ended = false;
    while (!ended) {
      int length = i32be(file, at);
      if (length < 0 || length > file.length - at - CHUNK_OVERHEAD) {
        throw new IndexOutOfBoundsException(at);
      }
      ended = Bytes.matches(file, at + 4, "IEND");
      if (ended || at == SIGNATURE || Bytes.matches(file, at + 4, "PLTE") || Bytes.matches(file, at + 4, "IDAT")) {
        checkSum(file, at, length);
        kept.write(file, at, length + CHUNK_OVERHEAD);
      } else if (Bytes.matches(file, at + 4, "eXIf")) {
        exif = Bytes.slice(file, at + 8, length);
      }
      at += length + CHUNK_OVERHEAD;
    }
    return Container.still(
        Container.Format.PNG, i32be(file, SIGNATURE + 8), i32be(file, SIGNATURE + 12), exif, kept.toByteArray());
  }

  private static void checkSum(byte[] file, int at, int length) throws ImageException {
    CRC32 sum = new CRC32();
    sum.update(file, at + 4, length + 4);
    if ((int) sum.getValue() != i32be(file, at + 8 + length)) {
      throw ImageException.corrupt("PNG", "the checksum of the chunk at byte " + at + " does not match");
    }
  }
}
