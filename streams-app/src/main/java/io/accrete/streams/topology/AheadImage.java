package io.accrete.streams.topology;

import io.accrete.events.ImageEvent;
import io.accrete.streams.ahead.Budget;
import io.accrete.streams.ahead.Polled;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One image on its way ahead of the stream thread: what is known of it already, and what will be. Safe for many threads.
 *
 * <p>A future that fails with what is the image's fault tells the processor so. By any other failure it only says that nothing was done.
 */
final class AheadImage implements Polled.Work {
  /**
   * What the record says.
   *
   * @param known the content of an event that adds an image, whose bytes may be unreadable; null if not even their hash could be told
   * @param failure why something cannot be read; null: it can
   */
  record Read(ImageEvent event, Content known, RejectedEventException failure) {
    Content content() throws RejectedEventException {
      if (known == null) {
        throw failure;
      }
      return known;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(AheadImage.class);

  private final CompletableFuture<Read> read = new CompletableFuture<>();
  private final Map<ByteBuffer, CompletableFuture<float[]>> tokens;
  private final Budget budget;
  private long expected;
  private long held;
  private boolean over;

  /**
   * Nothing is known yet.
   *
   * @param tokens to be completed, by the hash of the encoder
   * @param held bytes taken from the budget for it
   * @param expected so many of them for content that is to be fetched
   */
  AheadImage(Map<ByteBuffer, CompletableFuture<float[]>> tokens, Budget budget, long held, long expected) {
    this.tokens = tokens;
    this.budget = budget;
    this.held = held;
    this.expected = expected;
  }

  CompletableFuture<Read> read() {
    return read;
  }

  /**
   * What was done, in time; or the fault of the image that was found. Other failures are met again, where they are dealt with.
   *
   * @param deadline of {@link System#nanoTime}
   */
  static <T, F extends Exception> Optional<T> done(CompletableFuture<T> future, long deadline, Class<F> fault) throws F {
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

  /** Null: it is not encoded by that one. */
  CompletableFuture<float[]> tokens(ByteBuffer encoder) {
    return tokens.get(encoder);
  }

  /** Takes what content has beyond what was expected from the budget, or gives back what it has not; false: there is not so much. */
  synchronized boolean hold(long content) {
    long more = content - expected;
    if (over) {
      return true;
    }
    if (more > 0 && !budget.take(more)) {
      return false;
    }
    if (more < 0) {
      budget.give(-more);
    }
    held += more;
    expected = content;
    return true;
  }

  /** Leaves what is not done yet to the processor. */
  void fail(Throwable reason) {
    read.completeExceptionally(reason);
    tokens.values().forEach(each -> each.completeExceptionally(reason));
  }

  boolean isWanted() {
    return !read.isCancelled();
  }

  /** What it holds counts no more: that is as much as one record in work holds. */
  @Override
  public synchronized void taken() {
    over = true;
    budget.give(held);
    held = 0;
  }

  @Override
  public void dropped() {
    taken();
    read.cancel(false);
    tokens.values().forEach(each -> each.cancel(false));
  }
}
