package io.accrete.trainer.buffer;

import static io.accrete.trainer.buffer.BufferAssertions.assertHolds;
import static io.accrete.trainer.buffer.BufferAssertions.copy;
import static io.accrete.trainer.buffer.BufferAssertions.files;
import static io.accrete.trainer.buffer.BufferAssertions.photos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.retrieval.Photo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSetBufferTest {
  private static final BufferLimits LARGE = new BufferLimits(1 << 30, 64);
  private static final BufferLimits SMALL = new BufferLimits(60_000, 64);

  @TempDir private Path dir;

  private Path directory() {
    return dir.resolve("buffer");
  }

  private ImageSetBuffer open(BufferLimits limits) {
    return ImageSetBuffer.open(directory(), limits);
  }

  private static void fill(ImageSetBuffer buffer, long from, long to) throws Exception {
    for (long number = from; number < to; number++) {
      SampleSets.add(buffer, number);
    }
  }

  private static SampleSets.Model model(long sets, BufferLimits limits) {
    SampleSets.Model model = new SampleSets.Model();
    for (long number = 0; number < sets; number++) {
      model.add(SampleSets.set(number), limits);
    }
    return model;
  }

  @Test
  void shouldHoldTheSetsBeforeWhereverTheJournalEnds() throws Exception {
    try (ImageSetBuffer buffer = open(SMALL)) {
      fill(buffer, 0, 25);
    }
    byte[] journal = Files.readAllBytes(directory().resolve("journal"));
    SampleSets.Model model = new SampleSets.Model();
    long done = 0;
    for (int length = 0; length <= journal.length; length += 331) {
      Path torn = copy(directory(), dir.resolve("torn " + length));
      byte[] prefix = Arrays.copyOf(journal, length);
      Files.write(torn.resolve("journal"), prefix);
      Path part = torn.resolve("photos").resolve("00").resolve("00ff.part");
      Files.createDirectories(part.getParent());
      Files.write(part, new byte[9]);
      try (ImageSetBuffer buffer = ImageSetBuffer.open(torn, SMALL)) {
        long lines = 0;
        for (byte each : prefix) {
          lines += each == '\n' ? 1 : 0;
        }
        assertThat(buffer.offset(SampleSets.TOPIC, 0).orElse(0)).isEqualTo(lines);
        for (; done < lines; done++) {
          model.add(SampleSets.set(done), SMALL);
        }
        // What was evicted after that is not on disk any more; the rest is whole.
        try (Snapshot snapshot = buffer.snapshot()) {
          photos(snapshot).forEach((object, held) -> assertThat(model.photos().get(object)).containsSubsequence(held));
        }
        assertThat(files(torn)).doesNotContain("00ff.part").hasSize((int) buffer.status().photos());
      }
    }
    assertThat(done).isPositive();
  }

  @Test
  void shouldReadAnewWhatFollowsADamagedLine() throws Exception {
    try (ImageSetBuffer buffer = open(LARGE)) {
      fill(buffer, 0, 20);
    }
    Path journal = directory().resolve("journal");
    List<String> lines = Files.readAllLines(journal);
    lines.set(10, "\0".repeat(lines.get(10).length()));
    Files.write(journal, lines);
    try (ImageSetBuffer buffer = open(LARGE)) {
      assertThat(buffer.offset(SampleSets.TOPIC, 0)).hasValue(10);
      assertHolds(buffer, model(10, LARGE));
      fill(buffer, 10, 30);
      assertHolds(buffer, model(30, LARGE));
    }
  }

  @Test
  void shouldDropPhotosThatAreMissingOrIncompleteAndTakeThemAgain() throws Exception {
    SampleSets.Model model = model(30, LARGE);
    List<String> held = model.photos().get("object 0");
    assertThat(held).hasSizeGreaterThan(4);
    try (ImageSetBuffer buffer = open(LARGE)) {
      fill(buffer, 0, 30);
    }
    Files.write(file(held.get(0)), new byte[3]);
    Files.delete(file(held.get(1)));
    byte[] damaged = Files.readAllBytes(file(held.get(2)));
    damaged[50]++;
    Files.write(file(held.get(2)), damaged); // of the right size: noticed when it is read
    try (ImageSetBuffer buffer = open(LARGE)) {
      try (Snapshot snapshot = buffer.snapshot()) {
        List<Photo> photos = snapshot.objects().get("object 0");
        assertThat(photos).extracting(Photo::name).doesNotContain(file(held.get(0)).toString(), file(held.get(1)).toString());
        assertThatThrownBy(() -> photos.get(0).source().read()).isInstanceOf(IOException.class).hasMessageContaining("is damaged")
            .hasMessageContaining(held.get(2));
        assertThat(files(directory())).doesNotContain(held.get(0), held.get(1), held.get(2));
        try (Draft draft = buffer.draft()) {
          assertThat(draft.addKnown(held.get(2))).isFalse();
          assertThat(draft.addKnown(held.get(3))).isTrue();
        }
      }
      assertThat(buffer.status().photos()).isEqualTo(model.photos().values().stream().mapToInt(List::size).sum() - 3);
      fill(buffer, 0, 30);
      try (Snapshot snapshot = buffer.snapshot()) {
        assertThat(photos(snapshot).get("object 0")).containsExactlyInAnyOrderElementsOf(held);
      }
    }
  }

  private Path file(String sha256) {
    return directory().resolve("photos").resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  @Test
  void shouldKeepThePhotosOfASnapshotUntilItIsClosed() throws Exception {
    try (ImageSetBuffer buffer = open(SMALL)) {
      fill(buffer, 0, 60);
      SortedMap<String, List<String>> before = model(60, SMALL).photos();
      try (Snapshot snapshot = buffer.snapshot()) {
        fill(buffer, 60, 200);
        assertThat(photos(snapshot)).isEqualTo(before).isNotEqualTo(model(200, SMALL).photos());
        assertThat(buffer.status().bytes()).isEqualTo(model(200, SMALL).bytes());
      }
      assertHolds(buffer, model(200, SMALL));
    }
  }

  @Test
  void shouldReopenTheSnapshotOfAProcessThatWasKilled() throws Exception {
    Path saved = dir.resolve("snapshot.json");
    Path left;
    SortedMap<String, List<String>> before = model(60, SMALL).photos();
    try (ImageSetBuffer buffer = open(SMALL)) {
      Snapshot empty = buffer.snapshot();
      empty.save(saved);
      fill(buffer, 0, 60);
      try (Snapshot full = buffer.snapshot()) {
        full.save(saved);
        empty.close(); // whose file it is no more
        fill(buffer, 60, 200);
        left = copy(directory(), dir.resolve("left"));
      }
    }
    for (int restart = 0; restart < 2; restart++) { // killed again before it is closed: still there
      Path again = copy(left, dir.resolve("again " + restart));
      try (ImageSetBuffer buffer = ImageSetBuffer.open(again, SMALL)) {
        left = copy(again, dir.resolve("left " + restart));
        try (Snapshot snapshot = buffer.reopen(saved)) {
          fill(buffer, 200, 300);
          assertThat(photos(snapshot)).isEqualTo(before);
        }
        assertHolds(buffer, model(300, SMALL));
        assertThatThrownBy(() -> buffer.reopen(saved)).isInstanceOf(BufferException.class)
            .hasMessageContaining(saved.toString()).hasMessageContaining("no longer in the buffer")
            .hasMessageContaining("Begin a new round of training");
      }
    }
    Files.delete(saved);
    try (ImageSetBuffer buffer = ImageSetBuffer.open(left, SMALL)) {
      assertHolds(buffer, model(200, SMALL));
      assertThatThrownBy(() -> buffer.reopen(saved)).isInstanceOf(BufferException.class).hasMessageContaining("cannot be read");
    }
  }

  @Test
  void shouldNotBeOpenedTwice() {
    try (ImageSetBuffer buffer = open(LARGE)) {
      assertThatThrownBy(() -> open(LARGE)).isInstanceOf(BufferException.class)
          .hasMessageContaining(buffer.directory().toString()).hasMessageContaining("in use by another trainer");
    }
    open(LARGE).close();
  }

  @Test
  void shouldSayWhyADirectoryCannotBeUsed() throws Exception {
    Files.write(directory(), new byte[1]);
    assertThatThrownBy(() -> open(LARGE)).isInstanceOf(BufferException.class)
        .hasMessageContaining(directory().toString()).hasMessageContaining("choose another directory");
  }

  @Test
  void shouldStayAsItIsWhenTheDiskFailsAndGoOnAfterwards() throws Exception {
    Path photos = directory().resolve("photos");
    Path aside = dir.resolve("aside");
    try (ImageSetBuffer buffer = open(LARGE)) {
      fill(buffer, 0, 20);
      Files.move(photos, aside);
      Files.write(photos, new byte[0]); // nothing can be written below a file
      assertThatThrownBy(() -> fill(buffer, 20, 21)).isInstanceOf(IOException.class);
      Files.delete(photos);
      Files.move(aside, photos);
      assertThat(buffer.offset(SampleSets.TOPIC, 0)).hasValue(20);
      assertHolds(buffer, model(20, LARGE));
      fill(buffer, 20, 40);
      assertHolds(buffer, model(40, LARGE));
    }
  }

  @Test
  void shouldKeepTheJournalShort() throws Exception {
    try (ImageSetBuffer buffer = open(SMALL)) {
      fill(buffer, 0, 100);
      for (long number = 100; number < 5000; number++) {
        buffer.passOver(SampleSets.after(number));
      }
      buffer.passOver(new Position(SampleSets.TOPIC, 1, 7));
      assertThat(Files.readAllLines(directory().resolve("journal"))).hasSizeLessThan(1100);
    }
    try (ImageSetBuffer buffer = open(SMALL)) {
      assertThat(buffer.offset(SampleSets.TOPIC, 0)).hasValue(5000);
      assertThat(buffer.offset(SampleSets.TOPIC, 1)).hasValue(7);
      assertThat(buffer.offset(Uuid.ONE_UUID, 0)).isEmpty();
      assertHolds(buffer, model(100, SMALL));
    }
  }
}
