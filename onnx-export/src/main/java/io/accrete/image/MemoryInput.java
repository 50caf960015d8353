package io.accrete.image;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file in memory that insists on its end. Decoders may look a little beyond it, but some go on for every missing bit of an image that
 * ends early, at the cost of an exception each.
 */
final class MemoryInput extends ImageInputStreamImpl {
  private static final int PATIENCE = 1_000;

  private final byte[] data;
  private int beyond;

  MemoryInput(byte[] data) {
    this.data = data;
  }

  @Override
  public int read() throws IOException {
    checkClosed();
    bitOffset = 0;
    return atEnd() ? -1 : data[(int) streamPos++] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    checkClosed();
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (atEnd()) {
      return -1;
    }
    int count = (int) Math.min(length, data.length - streamPos);
    System.arraycopy(data, (int) streamPos, buffer, offset, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return data.length;
  }

  private boolean atEnd() throws IOException {
    if (streamPos < data.length) {
      return false;
    }
    if (++beyond > PATIENCE) {
      throw new IOException("the data ends early");
    }
    return true;
  }
}
