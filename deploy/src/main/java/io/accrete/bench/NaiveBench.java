package io.accrete.bench;

import io.accrete.bench.NaiveThroughput.Comparison;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.ServedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The app beside the same topology that encodes one record at a time; by the model's encoder and by a simulated accelerator. */
public final class NaiveBench {
  private static final int NAIVE_PART = 16; // of the images, one at a time on the accelerator: each takes as long as a batch

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;

  /**
   * What is measured.
   *
   * @param photos repeated under other names
   * @param rounds with the model's encoder, of both ways in turn
   * @param images events of a run
   * @param deviceMillis of the simulated accelerator for a batch
   */
  public record Settings(Bundle bundle, List<byte[]> photos, int rounds, int images, long deviceMillis) {
    public Settings {
      if (photos.isEmpty() || rounds < 1 || images < 2 * EventCluster.WARM_UP_PART || deviceMillis < 1) {
        throw new IllegalArgumentException("Expected photos, at least 1 round, " + 2 * EventCluster.WARM_UP_PART + " images and"
            + " 1 millisecond, found " + photos.size() + ", " + rounds + ", " + images + " and " + deviceMillis + ".");
      }
    }

    private int naiveImages() {
      return Math.max(2 * EventCluster.WARM_UP_PART, images / NAIVE_PART);
    }
  }

  /**
   * A benchmark.
   *
   * @param config of the clusters; addresses and directories in it are replaced
   * @param directory for everything, empty
   */
  public NaiveBench(Settings settings, AccreteConfig config, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.config = config;
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. The accelerator comes first, and Java compiles what all runs have in common. */
  public NaiveThroughput run() throws IOException, InterruptedException {
    Comparison simulated = compare("simulated", Serving.simulated(settings.deviceMillis), settings.naiveImages());
    List<Comparison> rounds = new ArrayList<>();
    while (rounds.size() < settings.rounds) {
      rounds.add(compare("real", Serving::real, settings.images));
    }
    return new NaiveThroughput(Threads.of(config).streams(), rounds, settings.deviceMillis, simulated);
  }

  private Comparison compare(String name, Function<Model, ServedModel> serving, int naiveImages)
      throws IOException, InterruptedException {
    Moment naive = stream(name + "-naive", config.with(Map.of(ConfigKeys.AHEAD_BYTES, "0")), serving, naiveImages);
    Moment ahead = stream(name + "-ahead", config, serving, settings.images);
    return new Comparison(settings.images, ahead.imagesPerSecond(), ahead.meanBatch(), naiveImages, naive.imagesPerSecond());
  }

  private Moment stream(String name, AccreteConfig given, Function<Model, ServedModel> serving, int images)
      throws IOException, InterruptedException {
    observer.begins(name, images);
    return EventCluster.once(directory.resolve(name), given, settings.bundle, cluster -> {
      cluster.send(images, PhotoTurns.of(settings.photos, images));
      return cluster.run(serving, observer::reached);
    });
  }
}
