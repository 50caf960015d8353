package io.accrete.streams.feed;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.streams.feed.Ring.CutOffException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All objects' embeddings as they change, in the space of the version that is ACTIVE, sent to clients as server-sent events. All of them
 * are in the order of the topic's partitions, so that an object's come in their order; each event's id is the client's {@link Place}.
 *
 * <p>Each client has a thread of its own: that waits where its client is slow, and nobody else does, and half-written events need no
 * keeping. There are at most {@code http.stream.clients} of them, and the threads of the HTTP server are left to other requests.
 *
 * <p>{@value #SUBSCRIBERS} is how many clients there are, {@value #CUT_OFF} counts those that were too slow.
 */
public final class EmbeddingFeed implements AutoCloseable {
  public static final String SUBSCRIBERS = "accrete.feed.subscribers";
  public static final String CUT_OFF = "accrete.feed.cut.off";

  private static final Logger log = LoggerFactory.getLogger(EmbeddingFeed.class);
  private static final Ring.Limits LIMITS = new Ring.Limits(8192, 32L * 1024 * 1024);
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);
  private static final Duration LINGER = Duration.ofSeconds(60);
  private static final Duration FAREWELL = Duration.ofSeconds(1);
  private static final int CATCHING_UP = 32; // at a time; each holds a consumer and what that has fetched
  private static final Map<String, String> SMALL_FETCHES = Map.of(
      AccreteConfig.KAFKA_PREFIX + "fetch.max.bytes", "1048576",
      AccreteConfig.KAFKA_PREFIX + "max.partition.fetch.bytes", "131072",
      AccreteConfig.KAFKA_PREFIX + "max.poll.records", "200");

  private final AccreteConfig config;
  private final Duration heartbeat;
  private final Semaphore seats;
  private final Semaphore turns = new Semaphore(CATCHING_UP, true);
  private final Set<FeedConnection> connections = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads;
  private final Hub hub;
  private final Counter cutOff;

  /** Reads nothing before the first client comes. */
  public EmbeddingFeed(AccreteConfig config, MeterRegistry meters) {
    this(config, meters, LIMITS, HEARTBEAT, LINGER);
  }

  /**
   * As the other, with bounds of its own.
   *
   * @param linger how long it reads on without any client
   */
  EmbeddingFeed(AccreteConfig config, MeterRegistry meters, Ring.Limits limits, Duration heartbeat, Duration linger) {
    this.config = config.with(SMALL_FETCHES);
    this.heartbeat = heartbeat;
    seats = new Semaphore(config.getInt(ConfigKeys.API_STREAM_CLIENTS));
    AtomicInteger number = new AtomicInteger();
    threads = Executors.newCachedThreadPool(run -> {
      Thread thread = new Thread(run, "embeddings-stream-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    });
    hub = new Hub(config, limits, linger, threads);
    meters.gauge(SUBSCRIBERS, connections, Set::size);
    cutOff = meters.counter(CUT_OFF);
  }

  /** Room for a client; none if there are as many as may be. Whoever gets it serves one. */
  public Optional<Seat> seat() {
    return seats.tryAcquire() ? Optional.of(new Seat()) : Optional.empty();
  }

  /** Room for one client. */
  public final class Seat {
    private Seat() {}

    /**
     * Serves a client on another thread.
     *
     * @return completed, never with an exception, when the connection may be closed
     */
    public CompletableFuture<Void> serve(FeedRequest request, FeedConnection connection) {
      CompletableFuture<Void> end = new CompletableFuture<>();
      connections.add(connection);
      try {
        threads.execute(() -> {
          try {
            stream(request, connection);
          } finally {
            free(connection);
            Thread.interrupted(); // the server finishes the answer on this thread
            end.complete(null);
          }
        });
      } catch (RejectedExecutionException e) { // it is being closed
        free(connection);
        end.complete(null);
      }
      return end;
    }

    private void free(FeedConnection connection) {
      connections.remove(connection);
      seats.release();
    }
  }

  private void stream(FeedRequest request, FeedConnection connection) {
    try {
      Hub.Reading reading = hub.join();
      try {
        new Client(config, reading, turns, request, new EventOutput(connection.out(), heartbeat), () -> cutOff(connection)).run();
      } finally {
        hub.leave();
      }
    } catch (Hub.EndedException | InterruptedException e) {
      log.debug("A stream of embeddings ends");
    } catch (CutOffException | IOException e) {
      log.debug("A client of embeddings is gone: {}", e.getMessage());
      connection.cut();
    } catch (RuntimeException e) {
      if (threads.isShutdown()) {
        log.debug("A stream of embeddings was interrupted", e);
        return;
      }
      log.error("A stream of embeddings failed: {}", e.getMessage());
      log.debug("A stream of embeddings failed", e);
      connection.cut();
    }
  }

  /** Whether it reads, for clients or for a while after the last. */
  boolean reads() {
    return hub.reads();
  }

  private void cutOff(FeedConnection connection) {
    cutOff.increment();
    connection.cut();
  }

  /** Ends all streams. */
  @Override
  public void close() {
    hub.close();
    threads.shutdown();
    if (!ended()) {
      connections.forEach(FeedConnection::cut); // those that wait for their clients
      threads.shutdownNow();
      ended();
    }
  }

  private boolean ended() {
    try {
      return threads.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
