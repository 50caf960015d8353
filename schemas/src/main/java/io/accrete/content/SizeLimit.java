package io.accrete.content;

import static io.accrete.content.ContentException.Reason.TOO_LARGE;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The most bytes that a reference may bring, held against what is announced and against what really comes.
 *
 * @param origin what sets the limit, for messages: it is followed by the number
 */
record SizeLimit(long maxBytes, String origin) {
  private static final int BUFFER_BYTES = 1 << 16;

  /** Refuses an announced size; a negative one says nothing. */
  void check(long announced, String what) throws ContentException {
    if (announced > maxBytes) {
      throw tooLarge(what + " has " + announced + " bytes");
    }
  }

  /** Copies all bytes as they arrive; both streams stay open. */
  void copy(InputStream in, OutputStream to, String what) throws IOException, ContentException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long left = maxBytes;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      left -= read;
      if (left < 0) {
        throw tooLarge(what + " has more than " + maxBytes + " bytes");
      }
      to.write(buffer, 0, read);
    }
  }

  private ContentException tooLarge(String found) {
    return new ContentException(TOO_LARGE, found + ": " + origin + " " + maxBytes + ".");
  }
}
