package io.accrete.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A directory whose folders are objects and whose files are their photos, also those in folders of an object's folder. Links are followed;
 * hidden files and folders are passed over.
 *
 * @param photos one of each object in turn, so that work is spread evenly; within an object in order of image id
 * @param skipped files left out: other extensions, or not in an object's folder
 */
public record PhotoFolder(Path directory, List<PhotoFile> photos, int skipped) {
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "webp", "gif");

  /**
   * Lists the photos.
   *
   * @throws IllegalArgumentException if there is none, with a message for people
   * @throws IOException if a folder cannot be read
   */
  public static PhotoFolder scan(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException((Files.exists(directory) ? "Not a directory: " : "No such directory: ")
          + directory.toAbsolutePath() + ". " + expected());
    }
    List<Path> files = files(directory);
    List<PhotoFile> photos = files.stream().map(directory::relativize).filter(PhotoFolder::isPhoto)
        .map(path -> new PhotoFile(path.getName(0).toString(), imageId(path), directory.resolve(path))).toList();
    if (photos.isEmpty()) {
      throw new IllegalArgumentException("No photos in " + directory.toAbsolutePath() + " (" + files.size() + " other files). "
          + expected());
    }
    return new PhotoFolder(directory, inTurn(photos), files.size() - photos.size());
  }

  /** The first photos only. */
  public PhotoFolder limit(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("Expected a limit of at least 1 photo, found " + count + ".");
    }
    return count >= photos.size() ? this : new PhotoFolder(directory, photos.subList(0, count), skipped);
  }

  /** The photos of each object, by object id. */
  public SortedMap<String, List<PhotoFile>> objects() {
    return photos.stream().collect(Collectors.groupingBy(PhotoFile::objectId, TreeMap::new, Collectors.toList()));
  }

  private static String expected() {
    return "Expected one folder for each object, with ." + String.join(", .", EXTENSIONS.stream().sorted().toList()) + " files in it.";
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
      return walk.filter(file -> Files.isRegularFile(file) && !isHidden(directory.relativize(file))).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static List<PhotoFile> inTurn(List<PhotoFile> photos) {
    Map<String, List<PhotoFile>> byObject = photos.stream().sorted(Comparator.comparing(PhotoFile::imageId))
        .collect(Collectors.groupingBy(PhotoFile::objectId));
    Map<PhotoFile, Integer> turn = new HashMap<>();
    byObject.values().forEach(ofObject -> {
      for (int i = 0; i < ofObject.size(); i++) {
        turn.put(ofObject.get(i), i);
      }
    });
    List<PhotoFile> ordered = new ArrayList<>(photos);
    ordered.sort(Comparator.<PhotoFile>comparingInt(turn::get).thenComparing(PhotoFile::objectId));
    return List.copyOf(ordered);
  }

  private static boolean isPhoto(Path relative) {
    String name = relative.getFileName().toString();
    return relative.getNameCount() > 1 && EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  private static boolean isHidden(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static String imageId(Path relative) {
    return relative.subpath(1, relative.getNameCount()).toString().replace('\\', '/');
  }
}
