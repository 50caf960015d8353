package io.accrete.bench;

import io.accrete.bundle.Sha256;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Function;

/** Events that say where their photos are: in a folder, into which each different photo is written once. */
final class ReferredPhotos implements Function<BenchPhoto, ImageEvent> {
  private final Path directory;
  private final Map<byte[], ContentReference> written = new IdentityHashMap<>();

  ReferredPhotos(Path directory) {
    this.directory = directory;
  }

  @Override
  public ImageEvent apply(BenchPhoto photo) {
    return ImageEvent.newBuilder(photo.event()).setContent(written.computeIfAbsent(photo.bytes(), this::write)).build();
  }

  private ContentReference write(byte[] photo) {
    String hash = Sha256.of(photo);
    try {
      Path file = Files.write(Files.createDirectories(directory).resolve(hash + ".jpg"), photo);
      return new ContentReference(file.toRealPath().toUri().toString(), hash);
    } catch (IOException e) {
      throw new UncheckedIOException("A photo cannot be written: " + e.getMessage(), e);
    }
  }
}
