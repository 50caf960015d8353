package io.accrete.bench;

import io.accrete.events.ObjectEmbedding;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * Live events at a steady rate, each a photo of its own name, and how long each of them takes. Time counts from when an event was to be
 * sent: a delay is not hidden by the events that it delays.
 */
final class LiveTraffic implements AutoCloseable {
  /** What goes on while an event is sent. */
  enum Phase { BEFORE, WARMING, BACKFILLING, AFTER }

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BenchCluster cluster;
  private final String name;
  private final List<BenchPhoto> photos;
  private final long period;
  private final Thread thread = new Thread(this::run, "live-traffic");
  private final Map<String, Sent> waiting = new HashMap<>();
  private final Map<Phase, LongStream.Builder> nanos = new EnumMap<>(Phase.class);
  private final Map<Phase, Integer> counts = new EnumMap<>(Phase.class);
  private Phase phase = Phase.BEFORE;
  private boolean stopping;

  private record Sent(Phase phase, long nanos) {}

  private LiveTraffic(BenchCluster cluster, String name, List<BenchPhoto> photos, double rate) {
    this.cluster = cluster;
    this.name = name;
    this.photos = photos;
    period = (long) (1e9 / rate);
  }

  /**
   * Begins to send these photos in turn, so many a second, and to wait for them in a space.
   *
   * @param name by which its images are told from those of other traffic
   */
  static LiveTraffic start(BenchCluster cluster, PublishedSpace space, String name, List<BenchPhoto> photos, double rate) {
    LiveTraffic traffic = new LiveTraffic(cluster, name, photos, rate);
    space.listen(traffic::arrived);
    traffic.thread.start();
    return traffic;
  }

  private void run() {
    long due = System.nanoTime();
    for (int number = 0; !stops(); number++) {
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      BenchPhoto photo = photos.get(number % photos.size()).named(name + "-" + number);
      synchronized (this) {
        waiting.put(key(photo.objectId(), photo.imageId()), new Sent(phase, due));
      }
      cluster.send(photo);
      due += period;
    }
  }

  private synchronized boolean stops() {
    return stopping;
  }

  private synchronized void arrived(String objectId, ObjectEmbedding embedding, long now) {
    Sent sent = waiting.remove(key(objectId, embedding.getLastImageId()));
    if (sent != null) {
      nanos.computeIfAbsent(sent.phase(), any -> LongStream.builder()).add(now - sent.nanos());
      counts.merge(sent.phase(), 1, Integer::sum);
      notifyAll();
    }
  }

  private static String key(String objectId, String imageId) {
    return objectId + "\n" + imageId;
  }

  /** What goes on from now on. */
  synchronized void enter(Phase next) {
    phase = next;
  }

  /** Waits until so many more events of the phase that goes on have arrived. */
  synchronized void await(int events, BenchObserver observer) throws InterruptedException {
    int first = count();
    observer.begins("Live events", events);
    int last = first;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (count() - first < events) {
      cluster.requireWell();
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new IllegalStateException("Live events were sent, but none came out for " + PATIENCE.toSeconds() + " s. The log says why.");
      }
      wait(Math.max(1, left / 1_000_000));
      if (count() > last) {
        last = count();
        deadline = System.nanoTime() + PATIENCE.toNanos();
        observer.reached(last - first);
      }
    }
  }

  private int count() {
    return counts.getOrDefault(phase, 0);
  }

  /** Of the events that were sent in a phase; to be asked once for each, when it is over. */
  synchronized Latencies latencies(Phase of) {
    LongStream.Builder measured = nanos.remove(of);
    return Latencies.of(measured == null ? new long[0] : measured.build().toArray());
  }

  /** Sends no more. */
  @Override
  public void close() throws InterruptedException {
    synchronized (this) {
      stopping = true;
    }
    thread.join();
  }
}
