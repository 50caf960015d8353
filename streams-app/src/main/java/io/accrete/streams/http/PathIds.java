package io.accrete.streams.http;

import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Ids in a request's path, one percent-encoded segment each. Read from the path as it was sent, because servers rewrite encoded slashes,
 * dots and semicolons, all of which ids may contain.
 */
public final class PathIds {
  private PathIds() {}

  /**
   * The id that stands where the route's path has {@code {name}}.
   *
   * @throws ProblemException 400 if it is empty or not percent-encoded UTF-8
   */
  public static String of(Context context, String name) {
    List<String> template = segments(context.endpoint().path);
    List<String> path = segments(context.req().getRequestURI());
    int place = template.indexOf("{" + name + "}");
    return Optional.of(path.get(place)).flatMap(PathIds::decode).filter(id -> !id.isEmpty()).orElseThrow(() ->
        ProblemException.badRequest("The path holds no " + name + ": expected " + context.endpoint().path + ", percent-encoded UTF-8."));
  }

  private static List<String> segments(String path) {
    return Arrays.asList(path.split("/", -1));
  }

  /** What a segment says, or nothing if it is not percent-encoded UTF-8. */
  static Optional<String> decode(String segment) {
    ByteBuffer bytes = ByteBuffer.allocate(segment.length());
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      int value = c;
      if (c == '%') {
        int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
        int low = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 2), 16) : -1;
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

  /** An id as a segment of a path: everything but letters, digits, '-', '_' and '~' encoded, as a path of dots would be climbed. */
  public static String encode(String id) {
    StringBuilder segment = new StringBuilder();
    for (byte value : id.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = value >= 'a' && value <= 'z' || value >= 'A' && value <= 'Z' || value >= '0' && value <= '9' || value == '-'
          || value == '_' || value == '~';
      segment.append(plain ? String.valueOf((char) value) : String.format("%%%02X", value));
    }
    return segment.toString();
  }
}
