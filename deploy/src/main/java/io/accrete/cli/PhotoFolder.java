package io.accrete.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A directory whose folders are objects and whose files are their photos.
 *
 * @param photos one of each object in turn, so that all partitions get work; within an object in order of name
 * @param skipped files left out: other extensions, or not in an object's folder
 */
record PhotoFolder(Path directory, List<PhotoFile> photos, int skipped) {
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "webp", "gif");

  /**
   * Lists the photos.
   *
   * @throws IllegalArgumentException if there is none, with a message for people
   */
  static PhotoFolder scan(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException("No such directory: " + directory.toAbsolutePath());
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(directory)) {
      files = walk.filter(file -> Files.isRegularFile(file) && !isHidden(directory.relativize(file))).toList();
    }
    List<PhotoFile> photos = files.stream().map(directory::relativize).filter(PhotoFolder::isPhoto)
        .map(path -> new PhotoFile(path.getName(0).toString(), imageId(path), directory.resolve(path))).toList();
    if (photos.isEmpty()) {
      throw new IllegalArgumentException("No photos in " + directory.toAbsolutePath() + " (" + files.size()
          + " other files). Expected one folder for each object, with ." + String.join(", .", EXTENSIONS.stream().sorted().toList())
          + " files in it.");
    }
    return new PhotoFolder(directory, inTurn(photos), files.size() - photos.size());
  }

  /** The first photos only. */
  PhotoFolder limit(int count) {
    return count >= photos.size() ? this : new PhotoFolder(directory, photos.subList(0, count), skipped);
  }

  long objects() {
    return photos.stream().map(PhotoFile::objectId).distinct().count();
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
