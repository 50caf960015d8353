package io.accrete.trainer.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Sha256;
import io.accrete.retrieval.Photo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a buffer holds, read as the trainer reads it. */
final class BufferAssertions {
  private BufferAssertions() {}

  /** Holds exactly the model's photos, whole, in order, and has counted them; no other file is on disk. */
  static void assertHolds(ImageSetBuffer buffer, SampleSets.Model model) throws Exception {
    try (Snapshot snapshot = buffer.snapshot()) {
      assertThat(photos(snapshot)).isEqualTo(model.photos());
    }
    assertThat(files(buffer.directory())).isEqualTo(model.photos().values().stream().flatMap(List::stream).collect(Collectors.toSet()));
    assertThat(buffer.status().objects()).isEqualTo(model.photos().size());
    assertThat(buffer.status().photos()).isEqualTo(model.photos().values().stream().mapToInt(List::size).sum());
    assertThat(buffer.status().bytes()).isEqualTo(model.bytes());
  }

  static SortedMap<String, List<String>> photos(Snapshot snapshot) throws Exception {
    SortedMap<String, List<String>> photos = new TreeMap<>();
    for (String object : snapshot.objects().keySet()) {
      List<String> hashes = new ArrayList<>();
      for (Photo photo : snapshot.objects().get(object)) {
        hashes.add(Sha256.of(photo.source().read()));
      }
      photos.put(object, hashes);
    }
    return photos;
  }

  static Set<String> files(Path buffer) throws IOException {
    try (Stream<Path> files = Files.walk(buffer.resolve("photos"))) {
      return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** A copy of a directory: what a process that is killed now leaves behind. */
  static Path copy(Path directory, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.forEach(file -> {
        try {
          Files.copy(file, to.resolve(directory.relativize(file).toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
    return to;
  }
}
