package io.accrete.streams.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer that is none of success, thrown by handlers and sent as a problem document (RFC 9457). What it says goes to whoever asked:
 * what was expected, what was found, what to do; never the inside of a failure, never a secret.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final Duration SOON = Duration.ofSeconds(1);

  private final int status;
  private final String title;
  private final transient Map<String, Object> members;
  private final transient Map<String, String> headers;

  /** A problem of this status. */
  public ProblemException(int status, String title, String detail) {
    this(status, title, detail, Map.of(), Map.of());
  }

  private ProblemException(int status, String title, String detail, Map<String, Object> members, Map<String, String> headers) {
    super(detail, null, false, false); // an answer, not a failure: nobody needs to know where it was made
    this.status = status;
    this.title = title;
    this.members = members;
    this.headers = headers;
  }

  /** 400: the request makes no sense. */
  public static ProblemException badRequest(String detail) {
    return new ProblemException(400, "Bad request", detail);
  }

  /** 404: there is none. */
  public static ProblemException notFound(String title, String detail) {
    return new ProblemException(404, title, detail);
  }

  /** 503, to be tried again soon. */
  public static ProblemException unavailable(String detail) {
    return new ProblemException(503, "Not available here and now", detail).retryAfter(SOON);
  }

  /** The same, with a header of the answer. */
  public ProblemException header(String name, String value) {
    return new ProblemException(status, title, getMessage(), members, with(headers, name, value));
  }

  /** The same, with when to try again. */
  public ProblemException retryAfter(Duration delay) {
    return header("Retry-After", Long.toString(Math.max(1, delay.toSeconds())));
  }

  /** The same, with another member of the document; the value is a string, a number, a record or a tree of Jackson's. */
  public ProblemException member(String name, Object value) {
    return new ProblemException(status, title, getMessage(), with(members, name, value), headers);
  }

  private static <V> Map<String, V> with(Map<String, V> map, String name, V value) {
    Map<String, V> more = new LinkedHashMap<>(map);
    more.put(name, value);
    return more;
  }

  public int status() {
    return status;
  }

  String title() {
    return title;
  }

  Map<String, Object> members() {
    return members;
  }

  Map<String, String> headers() {
    return headers;
  }
}
