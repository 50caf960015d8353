package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.image.PhotoFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir private Path dir;

  @Test
  void shouldRememberAcrossRuns() throws IOException {
    Path file = dir.resolve("deep/journal");
    String entry = Journal.entry(photo("läder väska", "vy 1\n.jpg", "bytes"));
    try (Journal journal = Journal.open(file)) {
      assertThat(journal.contains(entry)).isFalse();
      journal.add(entry);
    }
    try (Journal journal = Journal.open(file)) {
      assertThat(journal.contains(entry)).isTrue();
    }
  }

  @Test
  void shouldNotKnowAPhotoWhoseContentChanged() throws IOException {
    String before = Journal.entry(photo("object", "a.jpg", "bytes"));
    assertThat(Journal.entry(photo("object", "a.jpg", "other bytes"))).isNotEqualTo(before);
  }

  @Test
  void shouldForgetNothingButTheLineThatWasCutShort() throws IOException {
    Path file = dir.resolve("journal");
    String first = Journal.entry(photo("object", "a.jpg", "1"));
    String second = Journal.entry(photo("object", "b.jpg", "2"));
    String third = Journal.entry(photo("object", "c.jpg", "3"));
    for (int cut = 0; cut < second.length(); cut++) {
      Files.writeString(file, first + "\n" + second.substring(0, cut));
      try (Journal journal = Journal.open(file)) {
        journal.add(third);
      }
      try (Journal journal = Journal.open(file)) {
        assertThat(journal.contains(first)).isTrue();
        assertThat(journal.contains(second)).isFalse();
        assertThat(journal.contains(third)).isTrue();
      }
    }
  }

  private PhotoFile photo(String objectId, String imageId, String bytes) throws IOException {
    return new PhotoFile(objectId, imageId, Files.writeString(dir.resolve("photo"), bytes));
  }
}
