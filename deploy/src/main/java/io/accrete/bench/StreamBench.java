package io.accrete.bench;

import io.accrete.bench.StreamThroughput.Round;
import io.accrete.bench.StreamThroughput.Simulated;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.config.Threads;
import io.accrete.events.ImageEvent;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.streams.encode.Runtimes;
import io.accrete.streams.encode.ServedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The whole app on a local cluster against the bare encoder on the same photos; and the app with a simulated accelerator. All events are
 * there before the app starts; its first half of them warms up. The app with the real encoder and the bare encoder take turns, as the
 * machine may have others to serve.
 */
public final class StreamBench {
  private static final int KIBI = 1024;
  private static final int PART = 4; // of the images, for the bare encoder
  private static final int SEARCH_PART = 16; // the same for each batch, while the best is looked for
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64);

  /**
   * What is measured.
   *
   * @param photos repeated under other names
   * @param rounds of the app, each between two runs of the bare encoder
   * @param images events of a round
   * @param simulatedImages events of the run with the simulated accelerator
   * @param deviceMillis of that accelerator for a batch
   * @param kilobytes to which its photos are filled up
   * @param references whether events say where their photos are, rather than hold them
   */
  public record Settings(Bundle bundle, List<byte[]> photos, int rounds, int images, int simulatedImages, long deviceMillis, int kilobytes,
      boolean references) {
    public Settings {
      if (photos.isEmpty() || rounds < 1 || Math.min(images, simulatedImages) < 2 * EventCluster.WARM_UP_PART || deviceMillis < 1
          || kilobytes < 0) {
        throw new IllegalArgumentException("Expected photos, at least 1 round, " + 2 * EventCluster.WARM_UP_PART + " images, 1 millisecond"
            + " and 0 kilobytes, found " + photos.size() + ", " + rounds + ", " + images + ", " + simulatedImages + ", " + deviceMillis
            + " and " + kilobytes + ".");
      }
    }
  }

  /** A way of running the bare encoder, and how fast it was. */
  private record Bare(RuntimeOptions options, int atOnce, int batch, double imagesPerSecond) {}

  private final Settings settings;
  private final AccreteConfig config;
  private final Function<BenchPhoto, ImageEvent> events;
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
    Path files = directory.resolve("photos");
    this.config = settings.references ? config.with(Map.of(ConfigKeys.FILE_ROOTS, files.toString())) : config;
    this.events = settings.references ? new ReferredPhotos(files) : BenchPhoto::event;
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public StreamThroughput run() throws IOException, InterruptedException {
    List<byte[]> filled = settings.photos.stream().map(this::filled).toList();
    stream("warm-up", Serving.decoding(settings.deviceMillis), filled, settings.simulatedImages); // of what all runs have in common
    Bare best = best();
    List<Round> rounds = rounds(best);
    Moment simulated = stream("simulated", Serving.decoding(settings.deviceMillis), filled, settings.simulatedImages);
    return new StreamThroughput(settings.images, Threads.of(config).streams(), best.batch, best.atOnce, rounds,
        new Simulated(settings.simulatedImages, filled.stream().mapToInt(photo -> photo.length).average().orElseThrow(),
            settings.deviceMillis, simulated.busy(), simulated.meanBatch(), simulated.imagesPerSecond(), simulated.queueMillis(),
            simulated.processorMillis()));
  }

  private List<Round> rounds(Bare best) throws IOException, InterruptedException {
    List<Round> rounds = new ArrayList<>();
    double before = bare(best);
    while (rounds.size() < settings.rounds) {
      Moment real = stream("real", Serving::real, settings.photos, settings.images);
      double after = bare(best);
      rounds.add(new Round((before + after) / 2, real.imagesPerSecond(), real.meanBatch()));
      before = after;
    }
    return rounds;
  }

  /** What lies behind the end of an image's file says nothing. */
  private byte[] filled(byte[] photo) {
    return Arrays.copyOf(photo, Math.max(photo.length, settings.kilobytes * KIBI));
  }

  /** The best of all batches, one at a time with all cores and as many at a time as the app encodes. */
  private Bare best() throws InterruptedException {
    observer.begins("best batch", 2L * BATCHES.size());
    List<Bare> ways = new ArrayList<>();
    for (int batch : BATCHES) {
      ways.add(new Bare(Runtimes.alone(config), 1, batch, 0));
      ways.add(new Bare(Runtimes.shared(config), Threads.of(config).encoders(), batch, 0));
    }
    List<Bare> found = new ArrayList<>();
    for (Bare way : ways) {
      found.add(bare(way, settings.images / SEARCH_PART));
      observer.reached(found.size());
    }
    return Collections.max(found, Comparator.comparingDouble(Bare::imagesPerSecond));
  }

  private double bare(Bare best) throws InterruptedException {
    observer.begins("bare encoder", 1);
    double rate = bare(best, settings.images / PART).imagesPerSecond;
    observer.reached(1);
    return rate;
  }

  private Bare bare(Bare way, int images) throws InterruptedException {
    try (Model model = Model.load(settings.bundle, way.options)) {
      BareEncoder encoder = new BareEncoder(Serving.batches(Serving.real(model)), settings.photos);
      encoder.imagesPerSecond(images / PART, way.batch, way.atOnce); // warms up
      return new Bare(way.options, way.atOnce, way.batch, encoder.imagesPerSecond(images, way.batch, way.atOnce));
    }
  }

  /** All events through an app of its own; what was done after the warm-up. */
  private Moment stream(String name, Function<Model, ServedModel> serving, List<byte[]> photos, int images)
      throws IOException, InterruptedException {
    observer.begins(name, images);
    return EventCluster.once(directory.resolve(name), config, settings.bundle, cluster -> {
      cluster.send(images, PhotoTurns.of(photos, images), events);
      return cluster.run(serving, observer::reached);
    });
  }
}
