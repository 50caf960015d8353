package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.runtime.Model;
import io.accrete.streams.StreamsApp;
import io.accrete.streams.encode.ServedModel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.io.FileUtils;

/** A state of many objects: how fast it is when it is small and when it is large, how large it gets, and how fast it is restored. */
public final class ScaleBench {
  private static final int LEAST_OBJECTS = 1000;
  private static final int WARM_UP_PART = 20;
  private static final int TENTH = 10;
  private static final int FLOATS = 64; // of a state, and of an embedding
  private static final int PHOTO_BYTES = 64;

  private final int objects;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;

  /**
   * A benchmark.
   *
   * @param objects at least 1,000
   * @param config of the cluster; addresses and directories in it are replaced
   * @param directory for everything, empty
   */
  public ScaleBench(int objects, AccreteConfig config, Path directory, BenchObserver observer) {
    if (objects < LEAST_OBJECTS) {
      throw new IllegalArgumentException("Expected at least " + LEAST_OBJECTS + " objects, found " + objects + ".");
    }
    this.objects = objects;
    this.config = config;
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public ScaleMeasures run() throws InterruptedException {
    Bundle bundle = BenchBundles.write(directory.resolve("bundle"), 1, 32, 128, 1); // its version is used, its model is not
    int warmUp = objects / WARM_UP_PART;
    int second = objects / TENTH;
    int events = objects + second;
    try (EventCluster cluster = EventCluster.open(directory.resolve("cluster"), config, bundle)) {
      observer.begins("Sent", events);
      cluster.send(events, this::photo);
      observer.reached(events);
      SimpleMeterRegistry meters = new SimpleMeterRegistry();
      Moment[] moments = new Moment[5];
      observer.begins("Folded", events);
      try (StreamsApp app = cluster.app(cluster.config(), ScaleBench::free, meters);
          CommittedRecords embeddings = cluster.embeddings(observer::reached)) {
        EventCluster.start(app);
        List<Integer> marks = List.of(warmUp, warmUp + second, objects - second, objects, events, events + 1);
        for (int i = 0; i < moments.length; i++) {
          long count = embeddings.await(marks.get(i), () -> EventCluster.requireAlive(app));
          moments[i] = Moment.now(Math.min(count, marks.get(i + 1) - 1), meters); // of a few events many may come at once
        }
      }
      long bytes = FileUtils.sizeOfDirectory(StreamsApp.stateDirectory(cluster.config()).toFile());
      return new ScaleMeasures(objects, moments[1].since(moments[0]).imagesPerSecond(), moments[3].since(moments[2]).imagesPerSecond(),
          moments[4].since(moments[3]).imagesPerSecond(), bytes, restoreSeconds(cluster));
    }
  }

  /** By an app that has nothing but the changelogs. */
  private double restoreSeconds(EventCluster cluster) throws InterruptedException {
    observer.begins("Restored records", -1);
    RestoreTime time = new RestoreTime(observer::reached);
    AccreteConfig empty = cluster.config().with(Map.of(ConfigKeys.STATE_DIR, directory.resolve("restored").toString()));
    try (StreamsApp app = cluster.app(empty, ScaleBench::free, new SimpleMeterRegistry())) {
      app.kafkaStreams().setGlobalStateRestoreListener(time);
      EventCluster.start(app);
    }
    if (time.records() < objects) {
      throw new IllegalStateException("Expected the state of " + objects + " objects to be restored, found " + time.records()
          + " records. The log may say why.");
    }
    return time.seconds();
  }

  private static ServedModel free(Model model) {
    return FreeModel.of(model, FLOATS, FLOATS);
  }

  /** One photo of each object, and then second ones of any. */
  private BenchPhoto photo(int number) {
    int object = number < objects ? number : new Random(number).nextInt(objects);
    return new BenchPhoto("object-" + Long.toHexString(mixed(object)), "image" + number, new byte[PHOTO_BYTES]);
  }

  /** Ids that are distinct and come in no order, as those of a shop do. */
  private static long mixed(long number) {
    long mixed = (number + 1) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
    return mixed ^ mixed >>> 31; // each step can be undone, so nothing meets
  }
}
