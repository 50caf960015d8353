package io.accrete.sink;

import io.accrete.config.AccreteConfig;
import io.accrete.subscriber.EmbeddingSubscriber;
import io.accrete.subscriber.Position;
import io.accrete.subscriber.Start;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the embedding of each object in a table of a PostgreSQL database, in the space of the model version that is ACTIVE. Rows and the
 * positions behind them are written in one transaction, so that after any end the next sink goes on with nothing left out or done twice;
 * whenever the connection is lost, the sink itself begins like that again.
 *
 * <p>A PostgreSQL that is away is waited for; the log says so once.
 */
public final class PostgresSink implements Runnable, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresSink.class);
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final long GRACE_SECONDS = 10;

  private final AccreteConfig config;
  private final SinkSettings settings;
  private final SinkListener listener;
  private final String writer = UUID.randomUUID().toString();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Object lock = new Object();
  private EmbeddingSubscriber subscriber; // the three by the lock
  private Database database;
  private boolean closed;
  private boolean begun; // it has taken the table over

  public PostgresSink(AccreteConfig config, SinkSettings settings, SinkListener listener) {
    this.config = config;
    this.settings = settings;
    this.listener = listener;
  }

  /**
   * Writes until the sink is closed. To be called once.
   *
   * @throws SinkException if the database cannot be used, and waiting would not help, or another sink has taken the table over
   * @throws io.accrete.subscriber.SubscriberException if topics or records cannot be read
   */
  @Override
  public void run() {
    long pause = FIRST_PAUSE_MILLIS;
    boolean told = false;
    try {
      while (stopping.getCount() > 0) {
        try (Database connected = new Database(settings)) {
          SinkTables tables = connected.transaction(() -> SinkTables.open(connected, settings.table(), writer, !begun));
          begun = true;
          if (told) {
            log.info("PostgreSQL at {} is back", settings.place());
            told = false;
            pause = FIRST_PAUSE_MILLIS;
          }
          subscribe(connected, tables);
        } catch (SQLException | SpaceWriter.Failed e) {
          SQLException reason = e instanceof SpaceWriter.Failed failed ? failed.reason() : (SQLException) e;
          if (stopping.getCount() == 0) {
            return;
          }
          if (!SqlErrors.isPassing(reason)) {
            throw SqlErrors.told(reason, settings);
          }
          if (!told) {
            log.warn("Waiting for PostgreSQL at {}: {}", settings.place(), reason.getMessage());
            told = true;
          }
          stopping.await(pause, TimeUnit.MILLISECONDS);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void subscribe(Database connected, SinkTables tables) throws SQLException {
    List<Position> positions = connected.transaction(tables::positions);
    SpaceWriter space = new SpaceWriter(connected, tables, listener);
    try (EmbeddingSubscriber subscribed = new EmbeddingSubscriber(config, space, Start.at(positions), settings.unreadable())) {
      synchronized (lock) {
        if (closed) {
          return;
        }
        subscriber = subscribed;
        database = connected;
      }
      subscribed.run();
    } finally {
      synchronized (lock) {
        subscriber = null;
        database = null;
      }
    }
  }

  /** Ends {@link #run} behind the transaction at hand, and waits for it; a transaction that takes long is broken off. */
  @Override
  public void close() {
    stopping.countDown();
    EmbeddingSubscriber running;
    Database used;
    synchronized (lock) {
      closed = true;
      running = subscriber;
      used = database;
    }
    if (running == null) {
      return;
    }
    Thread breaking = new Thread(() -> {
      try {
        if (!ended.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
          used.abort();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }, "sink-end");
    breaking.setDaemon(true);
    breaking.start();
    running.close();
  }
}
