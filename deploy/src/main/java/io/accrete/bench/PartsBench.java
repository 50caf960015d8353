package io.accrete.bench;

import io.accrete.bench.PartsMeasures.Batch;
import io.accrete.bench.PartsMeasures.Size;
import io.accrete.bench.parts.ModelParts;
import io.accrete.bench.parts.PhotoParts;
import io.accrete.bundle.Bundle;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The small parts of a photo's way, each alone, by JMH: decoding, preprocessing, encoding, folding. */
public final class PartsBench {
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64);
  private static final List<Double> ENLARGED = List.of(1e6, 3e6, 12e6); // pixels
  private static final int ENLARGED_PHOTOS = 2; // of each size

  private final Settings settings;
  private final Path directory;
  private final BenchObserver observer;
  private int done;

  /**
   * What is measured.
   *
   * @param photos of which the first few are enlarged
   * @param rounds for each part, after as many that warm up
   * @param millis of a round, at least
   */
  public record Settings(Bundle bundle, List<BenchPhoto> photos, int rounds, long millis) {
    public Settings {
      if (photos.isEmpty() || rounds < 1 || millis < 1) {
        throw new IllegalArgumentException("Expected at least 1 photo, 1 round and 1 millisecond, found " + photos.size() + ", " + rounds
            + " and " + millis + ".");
      }
    }
  }

  /** Photos of one size in a folder. */
  private record Group(Path folder, double megapixels, double kilobytes) {
    static Group write(Path folder, List<byte[]> photos) throws IOException, ImageException {
      Files.createDirectories(folder);
      double pixels = 0;
      double bytes = 0;
      for (int i = 0; i < photos.size(); i++) {
        RgbImage image = ImageDecoder.decode(photos.get(i), ImageLimits.LOCAL);
        pixels += (double) image.width() * image.height();
        bytes += photos.get(i).length;
        Files.write(folder.resolve("%06d.jpg".formatted(i)), photos.get(i));
      }
      return new Group(folder, pixels / photos.size() / 1e6, bytes / photos.size() / 1024);
    }
  }

  /**
   * A benchmark.
   *
   * @param directory for photos, empty
   */
  public PartsBench(Settings settings, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public PartsMeasures run() throws IOException, ImageException {
    List<Group> groups = groups();
    observer.begins("part", 2L * (BATCHES.size() + groups.size()));
    List<double[]> models = new ArrayList<>();
    for (int batch : BATCHES) {
      Map<String, String> of = Map.of("batch", Integer.toString(batch));
      models.add(new double[] {millis(ModelParts.class, "encode", of) / batch, millis(ModelParts.class, "fold", of) / batch});
    }
    double encoder = models.stream().mapToDouble(each -> each[0]).min().orElseThrow();
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      batches.add(new Batch(BATCHES.get(i), models.get(i)[0], models.get(i)[1], models.get(i)[1] / encoder));
    }
    List<Size> sizes = new ArrayList<>();
    for (Group group : groups) {
      Map<String, String> of = Map.of("photos", group.folder.toString());
      double decode = millis(PhotoParts.class, "decode", of);
      double pixels = millis(PhotoParts.class, "pixels", of);
      sizes.add(new Size(group.megapixels, group.kilobytes, decode, pixels, pixels / encoder));
    }
    return new PartsMeasures(settings.bundle.version(), batches, encoder, sizes);
  }

  private List<Group> groups() throws IOException, ImageException {
    List<Group> groups = new ArrayList<>();
    groups.add(Group.write(directory.resolve("as-they-are"), settings.photos.stream().map(BenchPhoto::bytes).toList()));
    for (double pixels : ENLARGED) {
      List<byte[]> photos = new ArrayList<>();
      for (BenchPhoto photo : settings.photos.subList(0, Math.min(ENLARGED_PHOTOS, settings.photos.size()))) {
        photos.add(EnlargedPhoto.jpeg(ImageDecoder.decode(photo.bytes(), ImageLimits.LOCAL), pixels));
      }
      groups.add(Group.write(directory.resolve("%.0f".formatted(pixels)), photos));
    }
    return groups;
  }

  private double millis(Class<?> parts, String part, Map<String, String> parameters) {
    ChainedOptionsBuilder options = new OptionsBuilder().include(parts.getName() + "." + part + "$").param("bundle",
        settings.bundle.root().toString());
    parameters.forEach(options::param);
    TimeValue round = TimeValue.milliseconds(settings.millis);
    options.forks(1).warmupIterations(settings.rounds).warmupTime(round).measurementIterations(settings.rounds).measurementTime(round)
        .verbosity(VerboseMode.SILENT).shouldFailOnError(true);
    try {
      double millis = new Runner(options.build()).runSingle().getPrimaryResult().getScore();
      observer.reached(++done);
      return millis;
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH could not run " + part + ": " + e.getMessage(), e);
    }
  }
}
