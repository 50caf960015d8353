package io.accrete.bench;

import io.accrete.catalogue.Catalogue;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFile;
import io.accrete.image.PhotoFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A photo in memory, so that neither rendering nor reading takes time from what is measured.
 *
 * @param objectId its object
 * @param imageId unique within the object
 * @param bytes of the file
 */
public record BenchPhoto(String objectId, String imageId, byte[] bytes) {
  private static final long SEED = 1;

  /** Renders so many photos of each of so many made-up products; in a mixed order. */
  public static List<BenchPhoto> rendered(int objects, int photosPerObject, BenchObserver observer) {
    Catalogue catalogue = new Catalogue(SEED, objects);
    int photos = Math.multiplyExact(objects, photosPerObject);
    AtomicLong done = new AtomicLong();
    observer.begins("Rendered", photos);
    return mixed(IntStream.range(0, photos).parallel().mapToObj(number -> {
      int view = number / objects;
      BenchPhoto photo = new BenchPhoto(catalogue.objectId(number % objects), view + ".jpg", catalogue.photo(number % objects, view));
      observer.reached(done.incrementAndGet());
      return photo;
    }).toList());
  }

  /**
   * Reads the photos of a folder; in a mixed order.
   *
   * @throws IllegalArgumentException if one of them cannot be decoded: it would have no embedding to wait for
   */
  public static List<BenchPhoto> of(PhotoFolder folder, BenchObserver observer) throws IOException {
    List<BenchPhoto> photos = new ArrayList<>();
    observer.begins("Read", folder.photos().size());
    for (PhotoFile file : folder.photos()) {
      try {
        byte[] bytes = file.read(ImageLimits.LOCAL);
        ImageDecoder.decode(bytes, ImageLimits.LOCAL);
        photos.add(new BenchPhoto(file.objectId(), file.imageId(), bytes));
      } catch (ImageException e) {
        throw new IllegalArgumentException("Cannot use the photo " + file.name() + ": " + e.getMessage() + " Take it out.", e);
      }
      observer.reached(photos.size());
    }
    return mixed(photos);
  }

  private static List<BenchPhoto> mixed(List<BenchPhoto> photos) {
    List<BenchPhoto> mixed = new ArrayList<>(photos);
    Collections.shuffle(mixed, new Random(SEED));
    return mixed;
  }

  /** Their contents alone. */
  public static List<byte[]> contents(List<BenchPhoto> photos) {
    return photos.stream().map(BenchPhoto::bytes).toList();
  }

  /** The event that brings it. */
  ImageEvent event() {
    return ImageEvent.newBuilder().setImageId(imageId).setOperation(Operation.ADD).setContent(ByteBuffer.wrap(bytes))
        .setSource("accrete bench").build();
  }

  /** The same photo under another name. */
  BenchPhoto named(String otherImageId) {
    return new BenchPhoto(objectId, otherImageId, bytes);
  }
}
