package io.accrete.retrieval;

import io.accrete.image.PhotoFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An encoded photo, read when it is needed.
 *
 * @param name for messages
 */
public record Photo(String name, Source source) {
  /** Where the bytes come from. */
  @FunctionalInterface
  public interface Source {
    byte[] read() throws IOException;
  }

  /** A photo in a file. */
  public static Photo of(Path file) {
    return new Photo(file.toString(), () -> Files.readAllBytes(file));
  }

  /** The photos of a folder, by object id. */
  public static SortedMap<String, List<Photo>> objects(PhotoFolder folder) {
    SortedMap<String, List<Photo>> objects = new TreeMap<>();
    folder.objects().forEach((id, photos) -> objects.put(id, photos.stream().map(photo -> Photo.of(photo.file())).toList()));
    return objects;
  }
}
