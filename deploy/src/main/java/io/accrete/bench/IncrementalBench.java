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

/**
 * What the n-th photo of an object costs in the app, beside folding the object's whole set again. One partition, one stream thread and
 * no encoding ahead: one event after the other, and each is timed from the end of the one before to its own, with everything between.
 *
 * <p>Objects get their photos in lockstep, so that all n-th photos lie side by side. A photo that is replaced makes the app fold a whole
 * set.
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

  /** An event, and whether it makes the app fold the object's whole set; repetition 0 warms up. */
  private record Event(BenchPhoto photo, int repetition, int number, boolean wholeSet) {}

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
    for (int repetition = 1; repetition <= settings.repetitions; repetition++) {
      add(events, repetition, settings.most);
    }
    long[] done = fold(events);
    List<IncrementalCost.Step> steps = new ArrayList<>();
    for (int number = 1; number <= settings.most; number *= 2) {
      steps.add(new IncrementalCost.Step(number, median(events, done, number, false), median(events, done, number, true)));
    }
    return new IncrementalCost(settings.objects * settings.repetitions, steps);
  }

  private void add(List<Event> events, int repetition, int most) {
    for (int number = 1; number <= most; number++) {
      for (int object = 0; object < settings.objects; object++) {
        events.add(new Event(photo(repetition, object, number, number), repetition, number, false));
      }
      for (int object = 0; Integer.bitCount(number) == 1 && object < settings.wholeSets; object++) {
        events.add(new Event(photo(repetition, object, number, number + 1), repetition, number, true)); // other content, so replaced
      }
    }
  }

  private BenchPhoto photo(int repetition, int object, int number, int content) {
    return new BenchPhoto("object" + repetition + "-" + object, "image" + number,
        settings.photos.get((object * settings.most + content) % settings.photos.size()));
  }

  /** When each of the events was done. */
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
    return done;
  }

  private static double median(List<Event> events, long[] done, int number, boolean wholeSet) {
    List<Long> nanos = new ArrayList<>();
    for (int i = 1; i < done.length; i++) {
      Event event = events.get(i);
      if (event.repetition > 0 && event.number == number && event.wholeSet == wholeSet) {
        nanos.add(done[i] - done[i - 1]);
      }
    }
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1).average().orElseThrow() / 1e6;
  }
}
