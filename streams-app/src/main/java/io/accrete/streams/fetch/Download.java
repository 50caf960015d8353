package io.accrete.streams.fetch;

import static io.accrete.content.ContentException.Reason.UNREACHABLE;

import io.accrete.bundle.BundleException;
import io.accrete.config.ConfigKeys;
import io.accrete.content.ContentException;
import io.accrete.content.ModelContent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings single files to this machine. A place that cannot be reached is tried again for a while; what is wrong there is told at once. */
final class Download implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Download.class);
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  private final ModelContent content;
  private final Duration patience;
  private final CountDownLatch stopping = new CountDownLatch(1);

  /** @param patience how long a place that cannot be reached is tried again */
  Download(ModelContent content, Duration patience) {
    this.content = content;
    this.patience = patience;
  }

  /**
   * Writes what is at an address into a file.
   *
   * @param origin what sets the limit, followed by the number
   */
  void to(Path file, String url, long maxBytes, String origin) throws IOException {
    long firstFailure = 0;
    for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
      try (OutputStream out = Files.newOutputStream(file)) { // begins the file anew
        content.copy(url, maxBytes, origin, out);
        return;
      } catch (ContentException e) {
        boolean first = pause == FIRST_PAUSE_MILLIS;
        firstFailure = first ? System.nanoTime() : firstFailure; // a large file may have been on its way for long
        boolean passes = e.reason() == UNREACHABLE && System.nanoTime() - firstFailure < patience.toNanos();
        if (!passes || stopped(pause)) {
          throw new BundleException(e.getMessage() + advice(e.reason(), url), e);
        }
        if (first) {
          log.warn("{} It is tried again for up to {} s.", e.getMessage(), patience.toSeconds());
        }
      }
    }
  }

  private String advice(ContentException.Reason reason, String url) {
    return switch (reason) {
      case NOT_FOUND -> " The model was published there: put it back, or publish it again." + elsewhere(url);
      case NOT_ALLOWED -> " Models are fetched from below " + ConfigKeys.MODELS_URI + " and from where references may point: publish the "
          + "model there, or allow its place." + elsewhere(url);
      case UNREACHABLE -> " It was tried for " + patience.toSeconds() + " s: see to the store, and then try again.";
      case TOO_LARGE -> " Put back what was published, or publish the bundle under another version.";
      case INVALID_URI -> " Publish the model again.";
    };
  }

  /** The address of a file does not tell of which machine. */
  private static String elsewhere(String url) {
    return !url.regionMatches(true, 0, "file:", 0, "file:".length()) ? "" : " If it lies on another machine: set " + ConfigKeys.MODELS_URI
        + ", there and here, to a store that both reach, and publish the model again.";
  }

  /** Waits, and tells whether the wait was cut short. */
  private boolean stopped(long millis) {
    try {
      return stopping.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    stopping.countDown();
    content.close();
  }
}
