package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A rollout of a model version on a local cluster, measured and proven: under live traffic from one encoder to another and back, and then
 * at rest of a version that has another aggregator alone.
 */
public final class RolloutBench {
  private static final int RESERVED = 8; // one photo of so many is kept for the live traffic

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;

  /**
   * What is measured.
   *
   * @param photos to be folded, in this order; each object has one or more
   * @param from the version that is served first
   * @param to the version that takes over
   * @param rate live events a second; 0: a quarter of what was folded a second
   * @param events live events before the rollout, at least 1; a fifth of it after each flip
   */
  public record Settings(List<BenchPhoto> photos, Bundle from, Bundle to, double rate, int events) {
    public Settings {
      photos = List.copyOf(photos);
      if (photos.size() < RESERVED) {
        throw new IllegalArgumentException("Expected at least " + RESERVED + " photos, found " + photos.size() + ".");
      }
      if (from.version().equals(to.version())) {
        throw new IllegalArgumentException("Expected two model versions, found " + to.version() + " twice.");
      }
      if (!(rate >= 0) || events < 1) {
        throw new IllegalArgumentException("Expected a rate of 0 or more and at least 1 event, found " + rate + " and " + events + ".");
      }
    }

    List<BenchPhoto> reserve() {
      return photos.subList(photos.size() - photos.size() / RESERVED, photos.size());
    }

    List<BenchPhoto> ingested() {
      return photos.subList(0, photos.size() - photos.size() / RESERVED);
    }
  }

  /**
   * A benchmark.
   *
   * @param config of the clusters; addresses and directories in it are replaced
   * @param directory for everything, empty
   */
  public RolloutBench(Settings settings, AccreteConfig config, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.config = config;
    this.directory = directory;
    this.observer = observer;
  }

  /**
   * Measures.
   *
   * @throws IllegalStateException if a rollout fails or events get lost, so that nothing can be proven; the message says what happened
   */
  public RolloutMeasures run() throws IOException, InterruptedException {
    LiveMeasures live;
    try (BenchCluster cluster = BenchCluster.start(directory.resolve("live"), config, settings.from(), observer)) {
      live = new LiveRollout(settings, cluster, observer).run();
    }
    Bundle refolded = BenchBundles.otherAggregator(settings.to(), directory.resolve("other-aggregator"));
    AccreteConfig atRest = config.with(Map.of(ConfigKeys.FEATURES_STORE, "true", ConfigKeys.SWEEP_SHARE, "1"));
    try (BenchCluster cluster = BenchCluster.start(directory.resolve("rest"), atRest, settings.from(), observer)) {
      cluster.ingest(settings.ingested());
      RefoldMeasures encoding = refold(cluster, settings.to());
      RefoldMeasures cached = refold(cluster, refolded);
      return new RolloutMeasures(settings.from().version(), settings.to().version(), live, encoding, cached);
    }
  }

  private static RefoldMeasures refold(BenchCluster cluster, Bundle bundle) throws InterruptedException {
    PublishedSpace space = cluster.space(bundle.version());
    long calls = cluster.encoderCalls();
    cluster.rollouts().publish(bundle);
    double seconds = cluster.awaitFlip(bundle.version(), () -> { });
    long encoded = cluster.encoderCalls() - calls;
    Proof proof = cluster.prove(bundle);
    return new RefoldMeasures(bundle.version(), space.images(), space.imagesPerSecond(), seconds, encoded, proof);
  }
}
