package io.accrete.streams.topology;

import io.accrete.events.ImageEvent;
import io.accrete.image.ImageException;
import io.accrete.streams.ahead.AheadMetrics;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An image event whose turn has come. What was done ahead is used, and waited for a while if it is under way; all else is done when it is
 * asked for. Either way the answers are the same, and so are the rejections.
 */
final class Arrival {
  private static final Logger log = LoggerFactory.getLogger(Arrival.class);

  /** Part of a record's share of the transaction in which it waits; then there is still time to do it here. */
  private static final int WAITING_PART = 2;

  private final TopologyParts parts;
  private final Optional<AheadImage> ahead;
  private final Optional<AheadImage.Read> read;
  private final long deadline;
  private final ImageEvent event;

  /** The event of this record; its work ahead, if there was any, is taken by it. */
  Arrival(byte[] value, Origin origin, TopologyParts parts) throws RejectedEventException {
    this.parts = parts;
    deadline = System.nanoTime() + parts.transactionShare().dividedBy(WAITING_PART).toNanos();
    ahead = parts.ahead().flatMap(images -> images.take(origin));
    read = ahead.isPresent() ? done(ahead.get().read(), RejectedEventException.class) : Optional.empty();
    event = read.isPresent() ? read.get().event() : parts.parser().event(origin.topic(), value);
  }

  ImageEvent event() {
    return event;
  }

  /** The content of an event that adds an image. */
  Content content() throws RejectedEventException {
    return read.isPresent() ? read.get().content() : parts.contents().of(event);
  }

  /** The image's tokens by this encoder, if they were computed ahead. */
  Optional<float[]> tokens(byte[] encoderHash) throws ImageException {
    if (parts.ahead().isEmpty()) {
      return Optional.empty();
    }
    CompletableFuture<float[]> coming = ahead.map(image -> image.tokens(ByteBuffer.wrap(encoderHash))).orElse(null);
    Optional<float[]> tokens = coming == null ? Optional.empty() : done(coming, ImageException.class);
    AheadMetrics metrics = parts.ahead().get().metrics();
    (tokens.isPresent() ? metrics.hits() : metrics.misses()).increment();
    return tokens;
  }

  /** What was done, in time; or the fault of the record that was found. Other failures are met again, where they are dealt with. */
  private <T, F extends Exception> Optional<T> done(CompletableFuture<T> future, Class<F> fault) throws F {
    try {
      return Optional.of(future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      if (fault.isInstance(e.getCause())) {
        throw fault.cast(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | CancellationException e) {
      log.debug("Not done ahead", e);
    }
    return Optional.empty();
  }
}
