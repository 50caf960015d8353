package io.accrete.cli;

import io.accrete.image.PhotoFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The photos that the cluster has acknowledged, in a file, so that a second run need not send them again.
 *
 * <p>It saves work and nothing depends on it: a photo that is sent twice is ignored as known. A changed file (by size and time) counts as
 * not sent. Safe for use by several threads.
 */
final class Journal implements AutoCloseable {
  private final Set<String> lines;
  private final BufferedWriter writer;

  private Journal(Set<String> lines, BufferedWriter writer) {
    this.lines = lines;
    this.writer = writer;
  }

  static Journal open(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Set<String> lines = ConcurrentHashMap.newKeySet();
    if (Files.exists(file)) {
      try (Stream<String> known = Files.lines(file, StandardCharsets.US_ASCII)) {
        lines.addAll(known.collect(Collectors.toSet()));
      }
    }
    BufferedWriter writer = Files.newBufferedWriter(file, StandardCharsets.US_ASCII, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    writer.newLine(); // ends the line that a killed run may have left unfinished
    return new Journal(lines, writer);
  }

  boolean contains(String entry) {
    return lines.contains(entry);
  }

  synchronized void add(String entry) {
    try {
      if (lines.add(entry)) {
        writer.write(entry);
        writer.newLine();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The entry for a photo as it is on disk now. */
  static String entry(PhotoFile photo) throws IOException {
    return String.join(" ", encode(photo.objectId()), encode(photo.imageId()), Long.toString(Files.size(photo.file())),
        Long.toString(Files.getLastModifiedTime(photo.file()).toMillis()), "."); // the dot: a line cut short never equals a whole one
  }

  private static String encode(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8);
  }

  @Override
  public synchronized void close() throws IOException {
    writer.close();
  }
}
