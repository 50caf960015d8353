package io.accrete.retrieval;

import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFile;
import io.accrete.image.PhotoFolder;
import java.io.IOException;
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
    /** The bytes; throws if they cannot be had or are too many. */
    byte[] read() throws IOException, ImageException;
  }

  /** A photo in a file of the user's own, within {@link ImageLimits#LOCAL}. */
  public static Photo of(PhotoFile file) {
    return new Photo(file.name(), () -> file.read(ImageLimits.LOCAL));
  }

  /** The photos of a folder, by object id; those of a zip can be read while the folder is open. */
  public static SortedMap<String, List<Photo>> objects(PhotoFolder folder) {
    SortedMap<String, List<Photo>> objects = new TreeMap<>();
    folder.objects().forEach((id, photos) -> objects.put(id, photos.stream().map(Photo::of).toList()));
    return objects;
  }
}
