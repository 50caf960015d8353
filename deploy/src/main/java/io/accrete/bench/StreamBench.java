package io.accrete.bench;

import io.accrete.bench.StreamThroughput.Simulated;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.streams.encode.Runtimes;
import io.accrete.streams.encode.ServedModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The whole app on a local cluster against the bare encoder on the same photos; and the app with a simulated accelerator. All events are
 * there before the app starts; its first quarter of them warms up. The app with the real encoder comes last, when all is warm.
 */
public final class StreamBench {
  private static final int IMAGES_PER_OBJECT = 16;
  private static final int KIBI = 1024;
  private static final int PART = 4; // of the images, for the bare encoder
  private static final int WARM_UP_PART = 4 * PART;
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64);

  /**
   * What is measured.
   *
   * @param photos repeated under other names
   * @param images events of a run; a quarter as many photos for the bare encoder in each batch
   * @param simulatedImages events of the run with the simulated accelerator
   * @param deviceMillis of that accelerator for a batch
   * @param kilobytes to which its photos are filled up
   */
  public record Settings(Bundle bundle, List<byte[]> photos, int images, int simulatedImages, long deviceMillis, int kilobytes) {
    public Settings {
      if (photos.isEmpty() || Math.min(images, simulatedImages) < 2 * EventCluster.WARM_UP_PART || deviceMillis < 1 || kilobytes < 0) {
        throw new IllegalArgumentException("Expected photos, at least " + 2 * EventCluster.WARM_UP_PART + " images, 1 millisecond and 0"
            + " kilobytes, found " + photos.size() + ", " + images + ", " + simulatedImages + ", " + deviceMillis + " and " + kilobytes
            + ".");
      }
    }
  }

  private record Bare(int batch, int atOnce, double imagesPerSecond) {}

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;

  /**
   * A benchmark.
   *
   * @param config of the clusters; addresses and directories in it are replaced
   * @param directory for everything, empty
   */
  public StreamBench(Settings settings, AccreteConfig config, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.config = config.with(Map.of(ConfigKeys.SAMPLER_OBJECTS, "0")); // image sets are for a trainer
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public StreamThroughput run() throws InterruptedException {
    List<byte[]> filled = settings.photos.stream().map(this::filled).toList();
    Moment simulated = stream("simulated", Serving.decoding(settings.deviceMillis), filled, settings.simulatedImages);
    Bare bare = bare();
    Moment real = stream("real", Serving::real, settings.photos, settings.images);
    return new StreamThroughput(settings.images, Threads.of(config).streams(), bare.batch, bare.atOnce, bare.imagesPerSecond,
        real.imagesPerSecond() / bare.imagesPerSecond, real.imagesPerSecond(), real.meanBatch(),
        new Simulated(settings.simulatedImages, filled.stream().mapToInt(photo -> photo.length).average().orElseThrow(),
            settings.deviceMillis, simulated.busy(), simulated.meanBatch(), simulated.imagesPerSecond(), simulated.queueMillis()));
  }

  /** What lies behind the end of an image's file says nothing. */
  private byte[] filled(byte[] photo) {
    return Arrays.copyOf(photo, Math.max(photo.length, settings.kilobytes * KIBI));
  }

  /** The best of all batches, one at a time with all cores and as many at a time as the app encodes. */
  private Bare bare() throws InterruptedException {
    observer.begins("bare encoder", 2L * BATCHES.size());
    Bare alone = bare(Runtimes.alone(config), 1, 0);
    Bare shared = bare(Runtimes.shared(config), Threads.of(config).encoders(), BATCHES.size());
    return alone.imagesPerSecond > shared.imagesPerSecond ? alone : shared;
  }

  private Bare bare(RuntimeOptions options, int atOnce, int done) throws InterruptedException {
    Bare best = new Bare(0, 0, 0);
    try (Model model = Model.load(settings.bundle, options)) {
      BareEncoder encoder = new BareEncoder(Serving.batches(Serving.real(model)), settings.photos);
      for (int i = 0; i < BATCHES.size(); i++) {
        int batch = BATCHES.get(i);
        encoder.imagesPerSecond(settings.images / WARM_UP_PART, batch, atOnce);
        double rate = encoder.imagesPerSecond(settings.images / PART, batch, atOnce);
        best = rate > best.imagesPerSecond ? new Bare(batch, atOnce, rate) : best;
        observer.reached(done + i + 1);
      }
    }
    return best;
  }

  /** All events through an app of its own; what was done after the warm-up. */
  private Moment stream(String name, Function<Model, ServedModel> serving, List<byte[]> photos, int images) throws InterruptedException {
    observer.begins(name, images);
    try (EventCluster cluster = EventCluster.open(directory.resolve(name), config, settings.bundle)) {
      cluster.send(images, new PhotoTurns(photos, Math.max(1, images / IMAGES_PER_OBJECT)));
      return cluster.run(serving, observer::reached);
    }
  }
}
