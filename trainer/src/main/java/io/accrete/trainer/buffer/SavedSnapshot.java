package io.accrete.trainer.buffer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;

/**
 * Which photos belong to a snapshot.
 *
 * @param photos SHA-256 of each, by object id
 */
record SavedSnapshot(SortedMap<String, List<String>> photos) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  static SavedSnapshot read(Path file) throws IOException {
    SavedSnapshot saved = JSON.readValue(Files.readAllBytes(file), SavedSnapshot.class);
    if (saved == null || saved.photos == null
        || !saved.photos.values().stream().allMatch(photos -> photos.stream().allMatch(photo -> SHA256.matcher(photo).matches()))) {
      throw new IOException("it does not hold SHA-256 by object id");
    }
    return saved;
  }

  static boolean isReadable(Path file) {
    try {
      read(file);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Replaces the file as a whole. */
  void write(Path file) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try (FileOutputStream out = new FileOutputStream(beside.toFile())) {
      out.write(JSON.writeValueAsBytes(this));
      out.getFD().sync();
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
