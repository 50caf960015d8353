package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.streams.StreamsApp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the n-th photo of an object costs in the app, beside folding the object's whole set again. One partition, one stream thread and
 * no encoding ahead: one event after the other, and each is timed from the end of the one before to its own, with everything between.
 *
 * <p>Objects get their photos in lockstep, and beside each that is timed a new object gets its first and its second: a machine that is
 * busier now than before does so to both. A photo that is replaced makes the app fold a whole set.
 */
public final class IncrementalBench {
  private static final int WARM_UP_PHOTOS = 32;
  private static final Map<String, String> ONE_BY_ONE = Map.of(ConfigKeys.TOPIC_PARTITIONS, "1", ConfigKeys.STREAM_THREADS, "1",
      ConfigKeys.AHEAD_BYTES, "0", ConfigKeys.TRANSACTION_TIMEOUT, "900000"); // a whole set must fit into a transaction

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;

  /**
   * What is measured.
   *
   * @param photos repeated under other names, at least two
   * @param most photos of an object, a power of two
   * @param objects that get photos in lockstep
   * @param wholeSets objects of these whose sets are folded again, too
   * @param repetitions with other objects
   */
  public record Settings(Bundle bundle, List<byte[]> photos, int most, int objects, int wholeSets, int repetitions) {
    public Settings {
      if (photos.size() < 2 || most < 2 || Integer.bitCount(most) != 1 || repetitions < 1) {
        throw new IllegalArgumentException("Expected two photos or more, a power of two as the most of an object and at least 1 repetition,"
            + " found " + photos.size() + ", " + most + " and " + repetitions + ".");
      }
      if (wholeSets < 1 || objects < wholeSets) {
        throw new IllegalArgumentException("Expected at least 1 object whose whole set is folded again, and no more than there are objects,"
            + " found " + wholeSets + " of " + objects + ".");
      }
    }
  }

  /** Of what an event is an example. */
  private enum Kind { NTH, SECOND, WHOLE_SET, OTHER }

  /** An event, one of those around the n-th photos. */
  private record Event(BenchPhoto photo, int number, Kind kind) {}

  /**
   * A benchmark.
   *
   * @param config of the cluster; addresses and directories in it are replaced, and so is what would do several things at once
   * @param directory for everything, empty
   */
  public IncrementalBench(Settings settings, AccreteConfig config, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.config = config.with(ONE_BY_ONE);
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public IncrementalCost run() throws InterruptedException {
    List<Event> events = new ArrayList<>();
    add(events, 0, Math.min(WARM_UP_PHOTOS, settings.most));
    int warmUp = events.size();
    for (int repetition = 1; repetition <= settings.repetitions; repetition++) {
      add(events, repetition, settings.most);
    }
    long[] nanos = Arrays.copyOfRange(fold(events), warmUp, events.size());
    List<Event> measured = events.subList(warmUp, events.size());
    List<IncrementalCost.Step> steps = new ArrayList<>();
    for (int number = 1; number <= settings.most; number *= 2) {
      steps.add(new IncrementalCost.Step(number, median(measured, nanos, number, Kind.NTH), median(measured, nanos, number, Kind.SECOND),
          median(measured, nanos, number, Kind.WHOLE_SET)));
    }
    return new IncrementalCost(settings.objects * settings.repetitions, steps);
  }

  private void add(List<Event> events, int repetition, int most) {
    for (int number = 1; number <= most; number++) {
      boolean timed = Integer.bitCount(number) == 1;
      for (int object = 0; object < settings.objects; object++) {
        String id = "object" + repetition + "-" + object;
        events.add(new Event(photo(id, number, number + object), number, Kind.NTH));
        if (timed) {
          events.add(new Event(photo(id + "-beside" + number, 1, number + object + 1), number, Kind.OTHER));
          events.add(new Event(photo(id + "-beside" + number, 2, number + object + 2), number, Kind.SECOND));
        }
      }
      for (int object = 0; timed && object < settings.wholeSets; object++) { // other content, so what is there is replaced
        events.add(new Event(photo("object" + repetition + "-" + object, number, number + object + 1), number, Kind.WHOLE_SET));
      }
    }
  }

  private BenchPhoto photo(String objectId, int number, int content) {
    return new BenchPhoto(objectId, "image" + number, settings.photos.get(content % settings.photos.size()));
  }

  /** What each of the events took; of the first, nothing is known. */
  private long[] fold(List<Event> events) throws InterruptedException {
    observer.begins("Events", events.size());
    EventClock clock = new EventClock();
    try (EventCluster cluster = EventCluster.open(directory, config, settings.bundle)) {
      cluster.send(events.size(), number -> events.get(number).photo());
      try (StreamsApp app = cluster.app(cluster.config(), Serving::real, clock);
          CommittedRecords embeddings = cluster.embeddings(observer::reached)) {
        EventCluster.start(app);
        embeddings.await(events.size(), () -> EventCluster.requireAlive(app));
      }
    }
    long[] done = clock.nanos();
    if (done.length != events.size()) {
      throw new IllegalStateException("Expected " + events.size() + " events to be processed, found " + done.length
          + ": a transaction was repeated, so the times cannot be told apart. The log says why. Measure again.");
    }
    return IntStream.range(0, done.length).mapToLong(i -> done[i] - done[Math.max(0, i - 1)]).toArray();
  }

  private static double median(List<Event> events, long[] nanos, int number, Kind kind) {
    long[] sorted = IntStream.range(0, nanos.length).filter(i -> events.get(i).number == number && events.get(i).kind == kind)
        .mapToLong(i -> nanos[i]).sorted().toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1).average().orElseThrow() / 1e6;
  }
}
