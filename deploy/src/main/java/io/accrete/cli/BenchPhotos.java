package io.accrete.cli;

import io.accrete.bench.BenchObserver;
import io.accrete.bench.BenchPhoto;
import io.accrete.image.PhotoFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The photos that a benchmark sends again and again. */
final class BenchPhotos {
  private static final int PRODUCTS = 16;
  private static final int PHOTOS_PER_PRODUCT = 8;

  @Option(names = "--photos", paramLabel = "DIR",
      description = "A directory or a .zip with one folder for each object; without it photos are rendered.")
  private Path photos;

  List<byte[]> contents(BenchObserver observer) throws IOException {
    return BenchPhoto.contents(all(observer));
  }

  List<BenchPhoto> all(BenchObserver observer) throws IOException {
    if (photos == null) {
      return BenchPhoto.rendered(PRODUCTS, PHOTOS_PER_PRODUCT, observer);
    }
    try (PhotoFolder folder = PhotoFolder.scan(photos)) {
      return BenchPhoto.of(folder, observer);
    }
  }
}
