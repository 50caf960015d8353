package io.accrete.bench;

import io.accrete.bench.LiveTraffic.Phase;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.image.ImageException;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.ImageEncoder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** How long events take at a steady rate, a share of what the app can do; beside what one photo takes the encoder alone. */
public final class LatencyBench {
  private static final int BARE = 100;

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;

  /**
   * What is measured.
   *
   * @param photos repeated under other names
   * @param images sent at once to find the capacity, after a quarter as many to warm up
   * @param events live ones
   * @param load their rate by the capacity, more than 0
   */
  public record Settings(Bundle bundle, List<byte[]> photos, int images, int events, double load) {
    public Settings {
      if (photos.isEmpty() || images < EventCluster.WARM_UP_PART || events < 1 || !(load > 0)) {
        throw new IllegalArgumentException("Expected photos, at least " + EventCluster.WARM_UP_PART + " images, 1 event and a load above 0,"
            + " found " + photos.size() + ", " + images + ", " + events + " and " + load + ".");
      }
    }
  }

  /**
   * A benchmark.
   *
   * @param config of the cluster; addresses and directories in it are replaced
   * @param directory for everything, empty
   */
  public LatencyBench(Settings settings, AccreteConfig config, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.config = config;
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public LatencyMeasures run() throws InterruptedException {
    double bare = bareMillis();
    int warmUp = settings.images / EventCluster.WARM_UP_PART;
    PhotoTurns turns = PhotoTurns.of(settings.photos, settings.images);
    try (BenchCluster cluster = BenchCluster.start(directory, config, settings.bundle, observer)) {
      cluster.ingest(IntStream.range(0, warmUp).mapToObj(turns).toList());
      double capacity = cluster.ingest(IntStream.range(warmUp, warmUp + settings.images).mapToObj(turns).toList());
      double rate = capacity * settings.load;
      PublishedSpace space = cluster.space(settings.bundle.version());
      List<BenchPhoto> live = IntStream.range(0, turns.objects()).mapToObj(turns).toList();
      try (LiveTraffic traffic = LiveTraffic.start(cluster, space, "live", live, rate)) {
        traffic.await(settings.events, observer);
        traffic.close();
        space.await(cluster.images(), embeddings -> { }); // the slowest must not be left out
        return new LatencyMeasures(settings.images, capacity, rate, traffic.latencies(Phase.BEFORE), bare);
      }
    }
  }

  /** With nothing else going on. */
  private double bareMillis() {
    observer.begins("Bare", 2 * BARE);
    try (Model model = Serving.load(settings.bundle, config)) {
      ImageEncoder encoder = Serving.real(model).encoder();
      long[] nanos = new long[2 * BARE];
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        encoder.encode(settings.photos.get(i % settings.photos.size()));
        nanos[i] = System.nanoTime() - start;
        observer.reached(i + 1);
      }
      return Latencies.of(Arrays.copyOfRange(nanos, BARE, nanos.length)).p50(); // the first half warms up
    } catch (ImageException e) {
      throw new IllegalArgumentException("A photo cannot be decoded: " + e.getMessage(), e);
    }
  }
}
