package io.accrete.content;

import io.accrete.config.AccreteConfig;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.time.Duration;

/**
 * Streams the files of published models: from below the store that {@code models.uri} names, and from wherever content references may
 * point. Safe for use by several threads at once.
 */
public final class ModelContent implements AutoCloseable {
  private static final Duration FILE_TIMEOUT = Duration.ofMinutes(10);

  private final ContentSource source;

  private ModelContent(ContentSource source) {
    this.source = source;
  }

  /**
   * What the configuration allows; close it at the end.
   *
   * @throws org.apache.kafka.common.config.ConfigException if {@code models.uri} or a setting of the group "Content by reference" is
   *     malformed
   */
  public static ModelContent from(AccreteConfig config) {
    return new ModelContent(ContentSources.of(config, InetAddress::getAllByName, ModelStore.of(config),
        () -> new TimeLimit(FILE_TIMEOUT, FILE_TIMEOUT.toMinutes() + " minutes")));
  }

  /**
   * Writes all bytes behind an address as they arrive; after a failure some of them may have been written.
   *
   * @param uri an absolute URI of a file
   * @param maxBytes most bytes that are accepted
   * @param origin what sets that limit, for the message: it is followed by the number
   * @param to stays open; not to be used elsewhere before it is closed
   * @throws ContentException if the address is malformed, not allowed, or cannot be read within the limits
   * @throws IOException if {@code to} cannot be written
   */
  public void copy(String uri, long maxBytes, String origin, OutputStream to) throws ContentException, IOException {
    Target target = new Target(to);
    try {
      source.copy(uri, new SizeLimit(maxBytes, origin), target);
    } catch (ContentException e) {
      if (target.failure != null) {
        throw target.failure;
      }
      throw e;
    }
  }

  /** Ends copies under way; later ones fail. */
  @Override
  public void close() {
    source.close();
  }

  /** Keeps its failure apart from those of the source. */
  private static final class Target extends FilterOutputStream {
    private volatile IOException failure;

    Target(OutputStream to) {
      super(to);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
