package io.accrete.streams.feed;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.subscriber.EmbeddingListener;
import io.accrete.subscriber.EmbeddingSubscriber;
import io.accrete.subscriber.Position;
import io.accrete.subscriber.Start;
import io.accrete.subscriber.Unreadable;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the embeddings once for all clients, from the first one's coming until some time after the last has left. */
final class Hub implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Hub.class);

  /** Nothing more will come. */
  static final class EndedException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final AccreteConfig config;
  private final Ring.Limits limits;
  private final Duration linger;
  private final Executor threads;
  private Reading reading; // null: nobody reads
  private int clients;
  private long comings;
  private boolean closed;

  Hub(AccreteConfig config, Ring.Limits limits, Duration linger, Executor threads) {
    this.config = config;
    this.limits = limits;
    this.linger = linger;
    this.threads = threads;
  }

  /** For a client, which leaves when it is done. */
  synchronized Reading join() throws EndedException {
    if (closed) {
      throw new EndedException();
    }
    if (reading == null) {
      reading = new Reading();
      threads.execute(reading);
    }
    clients++;
    comings++;
    return reading;
  }

  synchronized void leave() {
    clients--;
    long seen = comings;
    if (clients == 0 && !closed) {
      CompletableFuture.delayedExecutor(linger.toNanos(), TimeUnit.NANOSECONDS, threads).execute(() -> rest(seen));
    }
  }

  private void rest(long seen) {
    Reading idle = null;
    synchronized (this) {
      if (clients == 0 && comings == seen) {
        idle = reading;
        reading = null;
      }
    }
    if (idle != null) {
      idle.subscriber.close();
    }
  }

  synchronized boolean reads() {
    return reading != null;
  }

  private synchronized void over(Reading ended) {
    if (reading == ended) {
      reading = null;
    }
  }

  @Override
  public void close() {
    Reading last;
    synchronized (this) {
      closed = true;
      last = reading;
      reading = null;
    }
    if (last != null) {
      last.subscriber.close();
    }
  }

  /** From a start of the subscriber to its end. */
  final class Reading implements EmbeddingListener, Runnable {
    private final EmbeddingSubscriber subscriber = new EmbeddingSubscriber(config, this, Start.end(), Unreadable.SKIP);
    private Ring ring; // null: no version is ACTIVE yet, or nothing could be read yet
    private boolean begins;
    private boolean over;

    @Override
    public void run() {
      try {
        subscriber.run();
      } catch (RuntimeException e) {
        log.error("Embeddings cannot be streamed: {}", e.getMessage());
        log.debug("Embeddings cannot be streamed", e);
      } finally {
        over(this);
        end();
      }
    }

    private synchronized void end() {
      over = true;
      if (ring != null) {
        ring.end();
      }
      notifyAll();
    }

    /** The ring of the current space, as soon as there is one; null if that takes longer. */
    synchronized Ring ring(Duration wait) throws EndedException, InterruptedException {
      long deadline = System.nanoTime() + wait.toNanos();
      long left = wait.toNanos();
      while (ring == null && !over && left > 0) {
        wait(left / 1_000_000, (int) (left % 1_000_000));
        left = deadline - System.nanoTime();
      }
      if (over) {
        throw new EndedException();
      }
      return ring;
    }

    private synchronized void begin(Ring next) {
      if (ring != null) {
        ring.end();
      }
      ring = next;
      notifyAll();
    }

    @Override
    public void onSpace(String modelVersion, boolean reset) {
      begins = true;
    }

    @Override
    public void onProgress(Collection<Position> positions) {
      if (begins) {
        begin(new Ring(Place.of(positions), limits));
        begins = false;
      } else {
        ring.reach(positions);
      }
    }

    @Override
    public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
      ring.add(Change.embedding(objectId, embedding, position.partition(), position.offset()));
    }

    @Override
    public void onGone(String objectId, Position position) {
      ring.add(Change.gone(objectId, position.partition(), position.offset()));
    }
  }
}
