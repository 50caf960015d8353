package io.accrete.content;

import static io.accrete.content.ContentException.Reason.TOO_LARGE;

import java.io.IOException;
import java.io.InputStream;

/** The most bytes that a reference may bring, held against what is announced and against what really comes. */
record SizeLimit(int maxBytes) {
  /** Refuses an announced size; a negative one says nothing. */
  void check(long announced, String what) throws ContentException {
    if (announced > maxBytes) {
      throw tooLarge(what + " has " + announced + " bytes");
    }
  }

  /** All bytes of the stream, which stays open. */
  byte[] read(InputStream in, String what) throws IOException, ContentException {
    byte[] bytes = in.readNBytes(maxBytes);
    if (bytes.length == maxBytes && in.read() >= 0) {
      throw tooLarge(what + " has more than " + maxBytes + " bytes");
    }
    return bytes;
  }

  private ContentException tooLarge(String found) {
    return new ContentException(TOO_LARGE, found + ": image.max.bytes allows " + maxBytes + ".");
  }
}
