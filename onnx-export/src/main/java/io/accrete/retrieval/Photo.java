package io.accrete.retrieval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An encoded photo, read when it is needed.
 *
 * @param name for messages
 */
public record Photo(String name, Source source) {
  private static final List<String> EXTENSIONS = List.of(".jpg", ".jpeg", ".png", ".webp", ".gif");

  /** Where the bytes come from. */
  @FunctionalInterface
  public interface Source {
    byte[] read() throws IOException;
  }

  /** A photo in a file. */
  public static Photo of(Path file) {
    return new Photo(file.toString(), () -> Files.readAllBytes(file));
  }

  /**
   * The photos of a folder whose folders are objects, by object id and then by name; other files and hidden ones are passed over.
   *
   * @throws IOException if there are none; the message says what was expected
   */
  public static SortedMap<String, List<Path>> folders(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException("Expected a folder with one folder of photos per object, found none at " + directory + ".");
    }
    SortedMap<String, List<Path>> objects = new TreeMap<>();
    for (Path folder : entries(directory)) {
      List<Path> photos = Files.isDirectory(folder) ? entries(folder).stream().filter(Photo::isPhoto).toList() : List.of();
      if (!photos.isEmpty()) {
        objects.put(folder.getFileName().toString(), photos);
      }
    }
    if (objects.isEmpty()) {
      throw new IOException(
          "Expected one folder of photos (" + String.join(", ", EXTENSIONS) + ") per object, found none in " + directory + ".");
    }
    return objects;
  }

  /** {@link #folders} as photos to be read. */
  public static SortedMap<String, List<Photo>> objects(Path directory) throws IOException {
    SortedMap<String, List<Photo>> objects = new TreeMap<>();
    folders(directory).forEach((id, files) -> objects.put(id, files.stream().map(Photo::of).toList()));
    return objects;
  }

  private static List<Path> entries(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (Stream<Path> stream = Files.list(directory)) {
      stream.filter(path -> !path.getFileName().toString().startsWith(".")).sorted().forEach(entries::add);
    }
    return entries;
  }

  private static boolean isPhoto(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return EXTENSIONS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file);
  }
}
