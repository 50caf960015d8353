package io.accrete.image;

import static io.accrete.image.Bytes.i32le;
import static io.accrete.image.Bytes.u16le;
import static io.accrete.image.Bytes.u24le;
import static io.accrete.image.Bytes.u8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The chunks of a WebP file (RFC 9649): simple, extended and animated; alpha planes are not kept. */
final class WebpFile {
  private static final int HEADER = 12;

  private final byte[] file;
  private int canvasWidth;
  private int canvasHeight;
  private int left;
  private int top;
  private int width;
  private int height;
  private boolean insideFrame;
  private byte[] exif;
  private byte[] data;

  private WebpFile(byte[] file) {
    this.file = file;
  }

  static Container parse(byte[] file) throws ImageException {
    long length = Integer.toUnsignedLong(i32le(file, 4)) + 8;
    if (length > file.length) {
      throw new IndexOutOfBoundsException(file.length);
    }
    WebpFile webp = new WebpFile(file);
    webp.chunks(HEADER, (int) length);
    return webp.container();
  }

  private Container container() throws ImageException {
    if (data == null) {
      throw ImageException.corrupt("WebP", "it holds no picture");
    }
    return new Container(Container.Format.WEBP, Math.max(canvasWidth, left + width), Math.max(canvasHeight, top + height),
        left, top, width, height, exif, data);
  }

  private void chunks(int from, int end) throws ImageException {
    for (int at = from; at + 8 <= end; ) {
      int size = i32le(file, at + 4);
      if (size < 0 || size > end - at - 8) {
        throw new IndexOutOfBoundsException(at);
      }
      chunk(new String(file, at, 4, StandardCharsets.ISO_8859_1), at + 8, size);
      at += 8 + size + (size & 1);
    }
  }

  private void chunk(String name, int at, int size) throws ImageException {
    switch (name) {
      case "VP8X" -> {
        canvasWidth = u24le(file, at + 4) + 1;
        canvasHeight = u24le(file, at + 7) + 1;
      }
      case "ANMF" -> {
        if (data == null && !insideFrame) {
          insideFrame = true;
          left = 2 * u24le(file, at);
          top = 2 * u24le(file, at + 3);
          chunks(at + 16, at + size);
          insideFrame = false;
        }
      }
      case "VP8 " -> {
        if (data == null) {
          width = u16le(file, at + 6) & 0x3fff;
          height = u16le(file, at + 8) & 0x3fff;
          data = file(name, at, size);
        }
      }
      case "VP8L" -> {
        if (data == null) {
          if (u8(file, at) != 0x2f) {
            throw ImageException.corrupt("WebP", "its lossless picture has no signature");
          }
          int packed = i32le(file, at + 1);
          width = (packed & 0x3fff) + 1;
          height = (packed >>> 14 & 0x3fff) + 1;
          data = file(name, at, size);
        }
      }
      case "EXIF" -> {
        int skip = Bytes.matches(file, at, "Exif\0\0") ? 6 : 0;
        exif = Bytes.slice(file, at + skip, size - skip);
      }
      default -> { }
    }
  }

  private byte[] file(String name, int at, int size) {
    int padded = size + (size & 1);
    ByteBuffer buffer = ByteBuffer.allocate(HEADER + 8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(4 + 8 + padded).put("WEBP".getBytes(StandardCharsets.ISO_8859_1));
    return buffer.put(name.getBytes(StandardCharsets.ISO_8859_1)).putInt(size).put(file, at, size).array();
  }
}
