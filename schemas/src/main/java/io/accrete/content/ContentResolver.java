package io.accrete.content;

/** Reads the bytes that a content reference names. Implementations are safe for use by several threads at once. */
public interface ContentResolver extends AutoCloseable {
  /**
   * All bytes behind the reference.
   *
   * @param uri an absolute URI, as it came in the event
   * @return the bytes: at most {@code image.max.bytes}, possibly none
   * @throws ContentException if the reference is malformed, not allowed, or cannot be read within the limits
   */
  byte[] fetch(String uri) throws ContentException;

  /**
   * Refuses a reference that {@link #fetch} would never follow, as far as that can be told without reading anything.
   *
   * @throws ContentException if the reference is malformed or not allowed
   */
  default void check(String uri) throws ContentException {}

  /** Releases connections; later fetches fail. */
  @Override
  default void close() {}
}
