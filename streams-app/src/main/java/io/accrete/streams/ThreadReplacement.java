package io.accrete.streams;

import static io.accrete.serde.AvroSerdeException.Reason.REGISTRY_UNAVAILABLE;

import io.accrete.serde.AvroSerdeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a stream thread that failed; its transaction was aborted, so the new one repeats its work and nothing is lost. Failures that
 * follow each other rapidly will not heal so: then the client stops, and the failure stays readable. An outage of the schema registry or of
 * Kafka heals by itself, however long it takes.
 */
final class ThreadReplacement implements StreamsUncaughtExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(ThreadReplacement.class);

  private final int most;
  private final Duration window;
  private final LongSupplier nanoTime;
  private final Deque<Long> failures = new ArrayDeque<>();
  private String last;

  /** Allows that many replacements within the window. */
  ThreadReplacement(int most, Duration window, LongSupplier nanoTime) {
    this.most = most;
    this.window = window;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized StreamThreadExceptionResponse handle(Throwable failure) {
    last = message(failure);
    log.debug("Stream thread failed", failure);
    Thread.currentThread().setUncaughtExceptionHandler((thread, again) -> { }); // the thread rethrows what is being logged here
    if (rapid() && AvroSerdeException.Reason.of(failure) != REGISTRY_UNAVAILABLE) {
      log.error("Stopping after {} failures within {} s; no event is lost. The last one: {}", failures.size(), window.toSeconds(), last);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    log.error("A stream thread failed and is replaced; its events are processed again. {}", last);
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private boolean rapid() {
    long now = nanoTime.getAsLong();
    failures.removeIf(then -> now - then > window.toNanos());
    failures.add(now);
    return failures.size() > most;
  }

  /** The last failure in one line, if there was any. */
  synchronized Optional<String> last() {
    return Optional.ofNullable(last);
  }

  /** The innermost cause says what happened; the outer ones say that a task failed. */
  private static String message(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause.getCause() != null && depth < 20; depth++) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName() + (cause.getMessage() == null ? "" : ": " + cause.getMessage());
  }
}
