package io.accrete.streams.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.streams.feed.Ring.CutOffException;
import io.accrete.subscriber.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RingTest {
  private static final int PARTITIONS = 3;
  private static final Ring.Limits FOUR = new Ring.Limits(4, 1 << 20);

  private final List<String> cut = new ArrayList<>();

  private static Place place(long... offsets) {
    List<Position> positions = new ArrayList<>();
    for (int partition = 0; partition < offsets.length; partition++) {
      positions.add(new Position("V1", "topic", partition, offsets[partition]));
    }
    return Place.of(positions);
  }

  private static Change change(int partition, long offset) {
    return Change.gone("object", partition, offset);
  }

  /** Offsets that a reader gets, as {@code partition:offset}. */
  private static List<String> read(Ring.Cursor cursor, Place place) throws Exception {
    List<String> read = new ArrayList<>();
    Ring.Batch batch;
    do {
      batch = cursor.next(Duration.ZERO);
      batch.changes().stream().filter(each -> place.reach(each.partition(), each.offset()))
          .forEach(each -> read.add(each.partition() + ":" + each.offset()));
    } while (batch.behind() == null);
    place.reach(batch.behind());
    return read;
  }

  private Optional<Ring.Cursor> enter(Ring ring, Place place, boolean known) {
    return ring.enter(place, known, () -> cut.add("cut off"));
  }

  @Test
  void shouldKeepTheLastChangesAndLetInWhoMissesNothing() throws Exception {
    Ring ring = new Ring(place(0, 0, 0), FOUR);
    for (int i = 1; i <= 6; i++) {
      ring.add(change(i % 2, 10L * i)); // the first two leave: 1:10 and 0:20
    }
    assertThat(enter(ring, place(0, 10, 0), false)).isEmpty();
    assertThat(enter(ring, place(20, 9, 0), false)).isEmpty();
    Place behind = place(20, 30, 0);
    assertThat(read(enter(ring, behind, false).orElseThrow(), behind)).containsExactly("0:40", "1:50", "0:60");
    assertThat(behind).hasToString("V1:topic:60,50,0");
    Place ahead = place(40, 70, 5);
    assertThat(enter(ring, ahead, false)).isEmpty();
    Ring.Cursor cursor = enter(ring, ahead, true).orElseThrow();
    assertThat(read(cursor, ahead)).containsExactly("0:60");
    ring.add(change(1, 70));
    ring.add(change(1, 71));
    assertThat(read(cursor, ahead)).containsExactly("1:71");
    assertThat(enter(ring, place(60, 70), true)).isEmpty();
    assertThat(cut).isEmpty();
  }

  @Test
  void shouldCutOffWhoIsTooSlowAndNobodyElse() throws Exception {
    Ring ring = new Ring(place(0, 0, 0), FOUR);
    Ring.Cursor slow = ring.enter(() -> cut.add("slow"));
    Ring.Cursor left = ring.enter(() -> cut.add("left"));
    Ring.Cursor quick = ring.enter(() -> cut.add("quick"));
    Place place = quick.start();
    left.close();
    for (int i = 1; i <= 20; i++) {
      ring.add(change(0, i));
      assertThat(read(quick, place)).containsExactly("0:" + i);
      assertThat(cut).hasSize(i > 4 ? 1 : 0);
    }
    assertThat(cut).containsExactly("slow");
    assertThatThrownBy(() -> slow.next(Duration.ofMinutes(1))).isInstanceOf(CutOffException.class);
  }

  @Test
  void shouldBoundWhatItHolds() throws Exception {
    int size = change(0, 1).bytes();
    Ring ring = new Ring(place(0, 0, 0), new Ring.Limits(1000, 3L * size));
    for (int i = 1; i <= 10; i++) {
      ring.add(change(0, i));
    }
    assertThat(enter(ring, place(6, 0, 0), false)).isEmpty();
    Place place = place(7, 0, 0);
    assertThat(read(enter(ring, place, false).orElseThrow(), place)).containsExactly("0:8", "0:9", "0:10");
    ring.add(Change.gone("x".repeat(10 * size), 0, 11)); // too large, and still delivered
    assertThat(read(enter(ring, place, false).orElseThrow(), place)).containsExactly("0:11");
  }

  @Test
  void shouldGiveWhatIsLeftAndThenTheEnd() throws Exception {
    Ring ring = new Ring(place(0, 0, 0), FOUR);
    Ring.Cursor cursor = ring.enter(() -> cut.add("cut off"));
    assertThat(cursor.caughtUp()).isTrue();
    ring.add(change(0, 1));
    ring.end();
    Ring.Batch batch = cursor.next(Duration.ofMinutes(1));
    assertThat(batch.changes()).hasSize(1);
    assertThat(batch.ended()).isTrue();
    assertThat(enter(ring, place(0, 0, 0), true)).isEmpty();
  }

  @Test
  void shouldReadEachPartitionOnceAndInOrderWhereverAReaderComesFrom() throws Exception {
    int entered = 0;
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<Change> all = new ArrayList<>();
      long[] ends = new long[PARTITIONS];
      for (int i = 0; i < 60; i++) {
        int partition = random.nextInt(PARTITIONS);
        ends[partition] += 1 + random.nextInt(3); // with holes
        all.add(change(partition, ends[partition]));
      }
      int seen = random.nextInt(60); // before a reader of its own order comes
      Ring ring = new Ring(place(0, 0, 0), new Ring.Limits(1 + random.nextInt(70), 1 << 20));
      all.subList(0, seen).forEach(ring::add);
      int[] got = random.ints(PARTITIONS, 0, 30).toArray(); // so many of each partition
      Place place = place(0, 0, 0);
      List<List<Long>> read = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        int own = partition;
        read.add(new ArrayList<>(all.stream().filter(change -> change.partition() == own).limit(got[own]).map(Change::offset).toList()));
        read.get(own).forEach(offset -> place.reach(own, offset));
      }
      Optional<Ring.Cursor> cursor = enter(ring, place, true);
      for (int i = seen; i <= 60 && cursor.isPresent(); i++) {
        Ring.Batch batch;
        do {
          batch = cursor.get().next(Duration.ZERO);
          batch.changes().stream().filter(change -> place.reach(change.partition(), change.offset()))
              .forEach(change -> read.get(change.partition()).add(change.offset()));
        } while (batch.behind() == null);
        if (i < 60) {
          ring.add(all.get(i));
        }
      }
      if (cursor.isPresent()) {
        entered++;
        for (int partition = 0; partition < PARTITIONS; partition++) {
          int own = partition;
          assertThat(read.get(own)).as("seed " + seed)
              .isEqualTo(all.stream().filter(change -> change.partition() == own).map(Change::offset).toList());
        }
      }
    }
    assertThat(entered).isBetween(30, 299);
  }
}
