package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.Threads;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.ServedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The whole app on a local cluster against the bare encoder on the same photos, rendered ones; and the app with a simulated accelerator.
 * All events are there before the app starts; its first quarter of them warms up.
 */
public final class StreamBench {
  private static final int PRODUCTS = 16;
  private static final int MOST_PHOTOS = 128; // that are different
  private static final int IMAGES_PER_OBJECT = 16;
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64);

  /**
   * What is measured.
   *
   * @param images events of each run
   * @param deviceMillis of the simulated accelerator for a batch
   */
  public record Settings(Bundle bundle, int images, long deviceMillis) {
    public Settings {
      if (images < 2 * EventCluster.WARM_UP_PART || deviceMillis < 1) {
        throw new IllegalArgumentException("Expected at least " + 2 * EventCluster.WARM_UP_PART + " images and 1 millisecond, found "
            + images + " and " + deviceMillis + ".");
      }
    }

    /** Images in all, for those who wait. */
    public int total() {
      return (BATCHES.size() + 2) * images;
    }
  }

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final LongConsumer done;
  private final List<byte[]> photos;
  private long images;

  /**
   * A benchmark.
   *
   * @param directory for the clusters' data; the caller removes it
   * @param done is told again and again how many images were done
   */
  public StreamBench(Settings settings, AccreteConfig config, Path directory, LongConsumer done) {
    this.settings = settings;
    this.config = config;
    this.directory = directory;
    this.done = done;
    Catalogue catalogue = new Catalogue(1, PRODUCTS);
    photos = IntStream.range(0, Math.min(MOST_PHOTOS, settings.images)).parallel()
        .mapToObj(i -> catalogue.photo(i % PRODUCTS, i / PRODUCTS)).toList();
  }

  /** Measures. */
  public StreamThroughput run() throws InterruptedException {
    int bareBatch = 0;
    double bare = 0;
    try (Model model = Serving.load(settings.bundle, config)) {
      BareEncoder encoder = new BareEncoder(Serving.batches(Serving.real(model)), photos);
      for (int batch : BATCHES) {
        encoder.imagesPerSecond(settings.images / EventCluster.WARM_UP_PART, batch);
        double rate = encoder.imagesPerSecond(settings.images, batch);
        bareBatch = rate > bare ? batch : bareBatch;
        bare = Math.max(bare, rate);
        done(settings.images);
      }
    }
    Moment real = stream("real", Serving::real);
    Moment simulated = stream("simulated", Serving.simulated(settings.deviceMillis));
    return new StreamThroughput(settings.images, Threads.of(config).streams(), bareBatch, bare, real.imagesPerSecond() / bare,
        real.imagesPerSecond(), real.meanBatch(), new StreamThroughput.Simulated(settings.deviceMillis,
            simulated.busy(), simulated.meanBatch(), simulated.imagesPerSecond(), simulated.queueMillis()));
  }

  private void done(int more) {
    images += more;
    done.accept(images);
  }

  /** All events through an app of its own; what was done after the warm-up. */
  private Moment stream(String name, Function<Model, ServedModel> serving) throws InterruptedException {
    long before = images;
    PhotoTurns turns = new PhotoTurns(photos, Math.max(1, settings.images / IMAGES_PER_OBJECT));
    try (EventCluster cluster = EventCluster.open(directory.resolve(name), config, settings.bundle)) {
      cluster.send(settings.images, turns);
      Moment measured = cluster.run(serving, seen -> done.accept(before + seen));
      images += settings.images;
      return measured;
    }
  }
}
