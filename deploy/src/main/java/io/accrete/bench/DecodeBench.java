package io.accrete.bench;

import io.accrete.bench.ProcessorTime.Task;
import io.accrete.bundle.Bundle;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.image.RgbImage;
import io.accrete.runtime.Device;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import java.util.ArrayList;
import java.util.List;

/** From photos to pixels beside the encoder, in one thread each, for photos as they are and for larger ones. */
public final class DecodeBench {
  private static final int BATCH = 16;
  private static final List<Double> ENLARGED = List.of(1e6, 3e6, 12e6); // pixels
  private static final int ENLARGED_PHOTOS = 2; // of each size
  private static final long WARM_UP_MILLIS = 1_500;
  private static final long PART_MILLIS = 300;

  /**
   * What is measured.
   *
   * @param photos of which the first few are enlarged
   * @param rounds over which medians are taken
   */
  public record Settings(Bundle bundle, List<BenchPhoto> photos, int rounds) {
    public Settings {
      if (photos.isEmpty() || rounds < 1) {
        throw new IllegalArgumentException("Expected at least 1 photo and 1 round, found " + photos.size() + " and " + rounds + ".");
      }
    }

    /** Steps in all, for those who wait. */
    public int total() {
      return (1 + 2 * (1 + ENLARGED.size())) * (1 + rounds);
    }
  }

  /** Photos of one size; each run of a task takes the next one. */
  private static final class Group {
    private final List<byte[]> files = new ArrayList<>();
    private double pixels;
    private double bytes;
    private int next;

    void add(byte[] file, double imagePixels) {
      files.add(file);
      pixels += imagePixels;
      bytes += file.length;
    }

    byte[] next() {
      return files.get(next++ % files.size());
    }
  }

  private final Settings settings;
  private final Runnable step;

  /**
   * A benchmark.
   *
   * @param step is told of every step
   */
  public DecodeBench(Settings settings, Runnable step) {
    this.settings = settings;
    this.step = step;
  }

  /** Measures. */
  public DecodeMeasures run() throws Exception {
    List<Group> groups = groups();
    Preprocessor preprocessor = new Preprocessor(settings.bundle.preprocessing());
    try (Model model = Model.load(settings.bundle, new RuntimeOptions(Device.CPU, 1))) {
      List<byte[]> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(preprocessor.pixels(groups.get(0).next(), ImageLimits.LOCAL));
      }
      List<Task> tasks = new ArrayList<>();
      tasks.add(() -> model.encode(batch));
      for (Group group : groups) {
        tasks.add(() -> ImageDecoder.decode(group.next(), ImageLimits.LOCAL));
        tasks.add(() -> preprocessor.pixels(group.next(), ImageLimits.LOCAL));
      }
      double[] millis = ProcessorTime.millis(tasks, settings.rounds, WARM_UP_MILLIS, PART_MILLIS, step);
      double encoder = millis[0] / BATCH;
      List<DecodeMeasures.Size> sizes = new ArrayList<>();
      for (int i = 0; i < groups.size(); i++) {
        Group group = groups.get(i);
        double pixels = millis[2 * i + 2];
        sizes.add(new DecodeMeasures.Size(group.pixels / group.files.size() / 1e6, group.bytes / group.files.size() / 1024,
            millis[2 * i + 1], pixels, pixels / encoder));
      }
      return new DecodeMeasures(settings.bundle.version(), BATCH, encoder, sizes);
    }
  }

  private List<Group> groups() throws Exception {
    List<Group> groups = new ArrayList<>(List.of(new Group()));
    for (BenchPhoto photo : settings.photos) {
      RgbImage image = ImageDecoder.decode(photo.bytes(), ImageLimits.LOCAL);
      groups.get(0).add(photo.bytes(), (double) image.width() * image.height());
    }
    for (double pixels : ENLARGED) {
      Group group = new Group();
      for (BenchPhoto photo : settings.photos.subList(0, Math.min(ENLARGED_PHOTOS, settings.photos.size()))) {
        group.add(EnlargedPhoto.jpeg(ImageDecoder.decode(photo.bytes(), ImageLimits.LOCAL), pixels), pixels);
      }
      groups.add(group);
    }
    return groups;
  }
}
