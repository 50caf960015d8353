package io.accrete.subscriber;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for what comes back by itself, with pauses that grow, and says so once. Only {@link #stop} may be called by other threads. */
final class Patience {
  private static final Logger log = LoggerFactory.getLogger(Patience.class);
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final CountDownLatch stopping = new CountDownLatch(1);
  private String awaited;
  private long pause = FIRST_PAUSE_MILLIS;

  /** Ends a pause and makes that there are no more. */
  void stop() {
    stopping.countDown();
  }

  boolean stopped() {
    return stopping.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  /** Rests before the next try. */
  void rest(UnavailableException reason) {
    if (stopped()) {
      return;
    }
    if (!reason.what().equals(awaited)) {
      awaited = reason.what();
      log.warn("Waiting for {}: {}", awaited, reason.getMessage());
    }
    try {
      stopping.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
  }

  /** What was waited for is there. */
  void over() {
    if (awaited != null) {
      log.info("Embeddings are read again");
      awaited = null;
      pause = FIRST_PAUSE_MILLIS;
    }
  }
}
