package io.accrete.streams.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The object id in a request's path. Read from the path as it was sent, because servers rewrite encoded slashes, dots and
 * semicolons, all of which ids may contain.
 */
final class ObjectPath {
  static final String PREFIX = "/v1/objects/";

  private ObjectPath() {}

  /** The id, or nothing if there is none or it is not percent-encoded UTF-8. */
  static Optional<String> id(String rawPath) {
    if (!rawPath.startsWith(PREFIX) || rawPath.length() == PREFIX.length()) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.allocate(rawPath.length());
    for (int i = PREFIX.length(); i < rawPath.length(); i++) {
      char c = rawPath.charAt(i);
      int value = c;
      if (c == '%') {
        int high = i + 2 < rawPath.length() ? Character.digit(rawPath.charAt(i + 1), 16) : -1;
        int low = i + 2 < rawPath.length() ? Character.digit(rawPath.charAt(i + 2), 16) : -1;
        value = high < 0 || low < 0 ? -1 : high * 16 + low;
        i += 2;
      }
      if (value < 0 || value > 0xff) {
        return Optional.empty();
      }
      bytes.put((byte) value);
    }
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
