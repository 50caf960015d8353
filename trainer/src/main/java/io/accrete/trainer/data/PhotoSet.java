package io.accrete.trainer.data;

import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFolder;
import io.accrete.image.Resampler;
import io.accrete.image.RgbImage;
import io.accrete.retrieval.Photo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The photos to train on, in memory, and those held back, which are not read.
 *
 * @param training the objects to train on, by id, each with at least one photo
 * @param heldBack the photos of the others, by object id
 */
public record PhotoSet(List<PhotoObject> training, SortedMap<String, List<Photo>> heldBack) {
  private static final Logger log = LoggerFactory.getLogger(PhotoSet.class);
  private static final int WARNINGS = 10;

  public PhotoSet {
    training = List.copyOf(training);
    heldBack = Collections.unmodifiableSortedMap(heldBack);
  }

  /** One object's photos, in order of their names, at most so large as was asked for. */
  public record PhotoObject(String id, List<RgbImage> photos) {
    public PhotoObject {
      photos = List.copyOf(photos);
    }
  }

  /**
   * Where objects come from.
   *
   * @param prefix what their ids begin with here, so that those of two sources differ; may be empty. The split is by the id without it
   * @param objects photos by object id
   */
  public record Source(String prefix, Map<String, List<Photo>> objects) {
    /** A folder or a zip, which must stay open as long as photos are read, those held back included. */
    public static Source of(String prefix, PhotoFolder folder) {
      return new Source(prefix, Photo.objects(folder));
    }
  }

  /**
   * How photos are held.
   *
   * @param side most pixels of a photo's shorter edge; larger photos are reduced to it
   * @param maxBytes most bytes of all photos together, three for each pixel
   * @param threads how many decode
   */
  public record Memory(int side, long maxBytes, int threads) {
    public Memory {
      if (side < 1 || maxBytes < 1 || threads < 1) {
        throw new IllegalArgumentException("Expected at least 1 pixel, 1 byte and 1 thread, found " + side + ", " + maxBytes + " and "
            + threads + ".");
      }
    }
  }

  /** Follows the reading of photos; called on the thread that reads. */
  public interface Listener {
    /** How many photos there are to read. */
    void begins(long photos);

    /** One more is read, or left out. */
    void read();
  }

  /**
   * Reads the photos of the objects that are not held back. Photos that cannot be read or decoded are left out with a warning.
   *
   * @param heldBack share of the objects held back, 0 to 1; see {@link Split}
   * @param limits of each encoded photo
   * @throws IllegalArgumentException if objects of two sources have the same id, if there is nothing to train on, or if the photos take
   *     more memory than they may
   */
  public static PhotoSet read(List<Source> sources, double heldBack, ImageLimits limits, Memory memory, Listener listener)
      throws InterruptedException {
    SortedMap<String, List<Photo>> training = new TreeMap<>();
    SortedMap<String, List<Photo>> apart = new TreeMap<>();
    for (Source source : sources) {
      source.objects.forEach((object, photos) -> {
        String id = source.prefix + object;
        if (training.containsKey(id) || apart.containsKey(id)) {
          throw new IllegalArgumentException("Two sources have an object '" + id + "'. Expected a prefix that tells them apart.");
        }
        (Split.heldBack(object, heldBack) ? apart : training).put(id, photos);
      });
    }
    List<PhotoObject> objects = new Reading(limits, memory, listener).objects(training);
    if (objects.isEmpty()) {
      throw new IllegalArgumentException("Expected photos to train on, found none that can be read: of " + (training.size() + apart.size())
          + " objects " + apart.size() + " are held back (share " + heldBack + ").");
    }
    return new PhotoSet(objects, apart);
  }

  /**
   * The objects to train on that have at least so many photos.
   *
   * @throws IllegalArgumentException if there is none
   */
  public List<PhotoObject> withAtLeast(int photos) {
    List<PhotoObject> large = training.stream().filter(object -> object.photos.size() >= photos).toList();
    if (large.isEmpty()) {
      throw new IllegalArgumentException("Expected objects with at least " + photos + " usable photos to train on, found none among "
          + training.size() + "; the largest has " + training.stream().mapToInt(object -> object.photos.size()).max().orElse(0) + ".");
    }
    return large;
  }

  /** One reading. */
  private record Reading(ImageLimits limits, Memory memory, Listener listener, AtomicLong held, AtomicLong photos) {
    Reading(ImageLimits limits, Memory memory, Listener listener) {
      this(limits, memory, listener, new AtomicLong(), new AtomicLong());
    }

    List<PhotoObject> objects(SortedMap<String, List<Photo>> objects) throws InterruptedException {
      listener.begins(objects.values().stream().mapToLong(List::size).sum());
      ExecutorService workers = Executors.newFixedThreadPool(memory.threads);
      try {
        Map<String, List<Future<RgbImage>>> reading = new TreeMap<>();
        objects.forEach((id, photos) ->
            reading.put(id, photos.stream().map(photo -> workers.submit(() -> image(photo))).toList()));
        List<PhotoObject> read = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        for (Map.Entry<String, List<Photo>> object : objects.entrySet()) {
          List<RgbImage> usable = usable(object.getValue(), reading.remove(object.getKey()), broken);
          if (!usable.isEmpty()) {
            read.add(new PhotoObject(object.getKey(), usable));
          }
        }
        warn(broken);
        return read;
      } finally {
        workers.shutdownNow();
      }
    }

    private List<RgbImage> usable(List<Photo> photos, List<Future<RgbImage>> reading, List<String> broken) throws InterruptedException {
      List<RgbImage> usable = new ArrayList<>();
      for (int i = 0; i < photos.size(); i++) {
        try {
          usable.add(reading.get(i).get());
        } catch (ExecutionException e) {
          if (e.getCause() instanceof IOException || e.getCause() instanceof ImageException) {
            broken.add(photos.get(i).name() + ": " + e.getCause().getMessage());
          } else if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          } else {
            throw new IllegalStateException("Could not read " + photos.get(i).name() + ": " + e.getCause(), e.getCause());
          }
        }
        listener.read();
      }
      return usable;
    }

    private RgbImage image(Photo photo) throws IOException, ImageException {
      RgbImage image = reduced(ImageDecoder.decode(photo.source().read(), limits), memory.side);
      if (held.addAndGet(image.rgb().length) > memory.maxBytes) {
        throw new IllegalArgumentException(("Expected photos of at most %,d bytes in memory, found more after %,d photos with a shorter "
            + "edge of at most %d pixels. Allow more memory, ask for a smaller edge, or give fewer photos.")
            .formatted(memory.maxBytes, photos.get(), memory.side));
      }
      photos.incrementAndGet();
      return image;
    }

    private static void warn(List<String> broken) {
      broken.stream().limit(WARNINGS).forEach(photo -> log.warn("Left out {}", photo));
      if (broken.size() > WARNINGS) {
        log.warn("Left out {} more photos that cannot be used", broken.size() - WARNINGS);
      }
    }
  }

  private static RgbImage reduced(RgbImage image, int side) {
    int shorter = Math.min(image.width(), image.height());
    return shorter <= side ? image : Resampler.resize(image, Resample.BICUBIC, (int) Math.rint((double) image.width() * side / shorter),
        (int) Math.rint((double) image.height() * side / shorter));
  }
}
