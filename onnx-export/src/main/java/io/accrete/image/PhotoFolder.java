package io.accrete.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
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
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A directory, or a zip, whose folders are objects and whose files are their photos, also those in folders of an object's folder. Links are
 * followed; hidden files and folders are passed over.
 *
 * @param directory the directory or the zip
 * @param photos one of each object in turn, so that work is spread evenly; within an object in order of image id
 * @param skipped files left out: other extensions, or not in an object's folder
 */
public record PhotoFolder(Path directory, List<PhotoFile> photos, int skipped) implements Closeable {
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "webp", "gif");

  /**
   * Lists the photos of a directory or of a file named {@code *.zip}, which is read where it is, without unpacking it, and stays open
   * until {@link #close}.
   *
   * @throws IllegalArgumentException if there is none, or if the zip is damaged or has names that lead out of it, with a message for people
   * @throws IOException if a folder cannot be read
   */
  public static PhotoFolder scan(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return scan(directory, directory);
    }
    if (!Files.isRegularFile(directory) || !extension(directory).equals("zip")) {
      throw new IllegalArgumentException((Files.exists(directory) ? "Not a directory or a .zip: " : "No such directory or .zip: ")
          + directory.toAbsolutePath() + ". " + expected());
    }
    FileSystem zip = open(directory);
    try {
      return scan(directory, zip.getPath("/"));
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static PhotoFolder scan(Path directory, Path root) throws IOException {
    List<Path> files = files(root);
    List<PhotoFile> photos = files.stream().map(root::relativize).filter(PhotoFolder::isPhoto)
        .map(path -> new PhotoFile(path.getName(0).toString(), imageId(path), root.resolve(path))).toList();
    if (photos.isEmpty()) {
      throw new IllegalArgumentException("No photos in " + directory.toAbsolutePath() + " (" + files.size() + " other files). "
          + expected());
    }
    return new PhotoFolder(directory, inTurn(photos), files.size() - photos.size());
  }

  /** The zip as a file system, after its names are checked: of those the JDK refuses only some, and quietly bends the others. */
  private static FileSystem open(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      String outside = zip.stream().map(ZipEntry::getName).filter(PhotoFolder::leadsOut).findFirst().orElse(null);
      if (outside != null) {
        throw new IllegalArgumentException("The zip " + file.toAbsolutePath() + " has an entry '" + outside
            + "'. Expected names of files below its own folders, without a leading '/' or a '..'; pack the folder anew.");
      }
      return FileSystems.newFileSystem(file);
    } catch (ZipException e) {
      throw new IllegalArgumentException("Cannot read the zip " + file.toAbsolutePath() + ": " + e.getMessage(), e);
    }
  }

  private static boolean leadsOut(String entry) {
    String name = entry.replace('\\', '/');
    return name.startsWith("/") || name.matches("[A-Za-z]:.*") || List.of(name.split("/")).contains("..");
  }

  /** Closes the zip, if it is one: then its photos, also those of a limited copy, can no longer be read. */
  @Override
  public void close() throws IOException {
    if (photos.get(0).inZip()) {
      photos.get(0).file().getFileSystem().close();
    }
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
    return relative.getNameCount() > 1 && EXTENSIONS.contains(extension(relative));
  }

  private static String extension(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
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
