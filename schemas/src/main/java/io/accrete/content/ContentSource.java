package io.accrete.content;

import java.io.OutputStream;

/** Where references of some schemes are read from. Implementations are safe for use by several threads at once. */
interface ContentSource extends AutoCloseable {
  /**
   * Writes all bytes behind the reference as they arrive. After a failure some may have been written, and when the time was over more may
   * still be.
   */
  void copy(String reference, SizeLimit size, OutputStream to) throws ContentException;

  /** Refuses a reference that is malformed or leads where nothing is allowed, as far as the reference alone tells. */
  void check(String reference) throws ContentException;

  /** Releases connections; later copies fail. */
  @Override
  default void close() {}
}
