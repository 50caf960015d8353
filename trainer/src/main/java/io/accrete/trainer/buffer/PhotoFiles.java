package io.accrete.trainer.buffer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Photos in files that are named by the SHA-256 of their bytes; each stays as long as somebody holds it. For several threads. */
final class PhotoFiles {
  private static final Logger log = LoggerFactory.getLogger(PhotoFiles.class);

  private final Path directory;
  private final Map<String, Integer> holders = new HashMap<>();

  PhotoFiles(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  Path path(String sha256) {
    return directory.resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  /** Sizes of the complete files that are there, by SHA-256. */
  Map<String, Long> sizes() throws IOException {
    Map<String, Long> sizes = new HashMap<>();
    for (Path file : all()) {
      sizes.put(file.getFileName().toString(), Files.size(file));
    }
    return sizes;
  }

  /** Deletes everything that nobody holds. */
  synchronized void clean() throws IOException {
    for (Path file : all()) {
      if (!holders.containsKey(file.getFileName().toString())) {
        Files.delete(file);
      }
    }
  }

  private List<Path> all() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Writes the bytes, unless they are there, and holds them. */
  synchronized void put(String sha256, byte[] bytes) throws IOException {
    Path file = path(sha256);
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Path part = file.resolveSibling(sha256 + ".part");
      try {
        Files.write(part, bytes);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        Files.deleteIfExists(part); // on a full disk every byte counts
        throw e;
      }
    }
    hold(sha256);
  }

  /** Holds a photo if somebody holds it already and its file is there. Returns the size. */
  synchronized OptionalLong holdKnown(String sha256) throws IOException {
    if (!holders.containsKey(sha256) || !Files.exists(path(sha256))) {
      return OptionalLong.empty();
    }
    hold(sha256);
    return OptionalLong.of(Files.size(path(sha256)));
  }

  synchronized void hold(String sha256) {
    holders.merge(sha256, 1, Integer::sum);
  }

  synchronized void release(String sha256) {
    if (holders.computeIfPresent(sha256, (hash, count) -> count == 1 ? null : count - 1) == null) {
      delete(sha256);
    }
  }

  /** Deletes a file whoever holds it. */
  synchronized void delete(String sha256) {
    try {
      Files.deleteIfExists(path(sha256));
    } catch (IOException e) {
      log.warn("Could not delete {}, which is tried again at the next start: {}", path(sha256), e.toString());
    }
  }
}
