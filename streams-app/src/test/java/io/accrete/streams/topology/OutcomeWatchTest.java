package io.accrete.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.streams.topology.OutcomeWatch.Seen;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OutcomeWatchTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir private Path dir;
  private final OutcomeWatch watch = new OutcomeWatch();

  @Test
  void shouldTellWhoCameBeforeAndWhoComesAfter() {
    OutcomeWatch.Partition partition = watch.opened(3);
    CompletableFuture<Optional<Seen>> before = watch.seen(3, 7, LONG);
    CompletableFuture<Optional<Seen>> another = watch.seen(3, 7, LONG);
    assertThat(before).isNotDone();
    partition.through(6, Seen.of(Outcome.DUPLICATE));
    assertThat(before).isNotDone();
    partition.through(7, Seen.of(Outcome.FOLDED));
    assertThat(before).isCompletedWithValue(Optional.of(Seen.of(Outcome.FOLDED)));
    assertThat(another).isCompletedWithValue(Optional.of(Seen.of(Outcome.FOLDED)));
    assertThat(watch.seen(3, 6, LONG)).isCompletedWithValue(Optional.of(Seen.of(Outcome.DUPLICATE)));
    assertThat(partition.waiting()).isZero();
  }

  @Test
  void shouldForgetWhatIsLongAgo() {
    OutcomeWatch.Partition partition = watch.opened(0);
    for (int offset = 0; offset <= OutcomeWatch.KEPT; offset++) {
      partition.through(offset, Seen.of(Outcome.FOLDED));
    }
    assertThat(watch.seen(0, 1, LONG).join()).isPresent();
    assertThat(watch.seen(0, 0, Duration.ofMillis(1)).join()).isEmpty();
    assertThat(partition.waiting()).isZero();
  }

  @Test
  void shouldTellWhoWaitsThatThePartitionIsGone() {
    assertThat(watch.seen(0, 0, LONG)).isCompletedWithValue(Optional.empty());
    OutcomeWatch.Partition partition = watch.opened(0);
    CompletableFuture<Optional<Seen>> waiting = watch.seen(0, 0, LONG);
    partition.close();
    assertThat(waiting).isCompletedWithValue(Optional.empty());
    assertThat(watch.seen(0, 0, LONG)).isCompletedWithValue(Optional.empty());
  }

  @Test
  void shouldKeepAPartitionThatWasOpenedAnewBeforeItsOldTaskClosed() {
    OutcomeWatch.Partition old = watch.opened(0);
    CompletableFuture<Optional<Seen>> waiting = watch.seen(0, 0, LONG);
    OutcomeWatch.Partition now = watch.opened(0);
    assertThat(waiting).isCompletedWithValue(Optional.empty());
    old.close();
    now.through(0, Seen.of(Outcome.FOLDED));
    assertThat(watch.seen(0, 0, LONG).join()).contains(Seen.of(Outcome.FOLDED));
  }

  @Test
  void shouldMissNothingWhileOthersAsk() throws Exception {
    int events = 200_000;
    OutcomeWatch.Partition partition = watch.opened(0);
    List<CompletableFuture<Optional<Seen>>> asked = new ArrayList<>();
    AtomicInteger next = new AtomicInteger();
    Thread asking = new Thread(() -> {
      for (; next.get() < events; next.incrementAndGet()) {
        asked.add(watch.seen(0, next.get(), LONG));
      }
    });
    asking.start();
    for (int offset = 0; offset < events; offset++) {
      while (offset >= next.get() + OutcomeWatch.KEPT) { // what is asked for later than that is forgotten
        Thread.onSpinWait();
      }
      partition.through(offset, Seen.of(Outcome.FOLDED));
    }
    asking.join();
    assertThat(asked).hasSize(events).allMatch(each -> each.isDone() && each.join().isPresent());
    assertThat(partition.waiting()).isZero();
  }

  @Test
  void shouldTellWhatTheTopologyMadeOfEvents() throws Exception {
    try (SmallModel model = new SmallModel(dir.resolve("bundle"), 12, 1, 2);
        Harness harness = new Harness(dir.resolve("state"), model.served(), Map.of())) {
      CompletableFuture<Optional<Seen>> first = harness.outcomes.seen(0, 0, LONG);
      harness.add("mug", "front", Photos.png(1));
      harness.add("mug", "front", Photos.png(1));
      harness.add("mug", "front", Photos.png(2));
      harness.add("mug", "back", new byte[] {1, 2, 3});
      harness.remove("mug", "front");
      harness.delete("mug");
      assertThat(first).isCompletedWithValue(Optional.of(Seen.of(Outcome.FOLDED)));
      assertThat(outcome(harness, 1)).isEqualTo(Outcome.DUPLICATE);
      assertThat(outcome(harness, 2)).isEqualTo(Outcome.REPLACED);
      assertThat(harness.outcomes.seen(0, 3, LONG).join().orElseThrow()).satisfies(letter -> {
        assertThat(letter.outcome()).isEqualTo(Outcome.DEAD_LETTERED);
        assertThat(letter.reason()).contains(DeadLetterReason.IMAGE_UNSUPPORTED);
        assertThat(letter.message()).startsWith("Expected a JPEG, PNG, WebP or GIF image");
      });
      assertThat(outcome(harness, 4)).isEqualTo(Outcome.DELETED);
      assertThat(outcome(harness, 5)).isEqualTo(Outcome.UNKNOWN);
    }
  }

  private static Outcome outcome(Harness harness, long offset) {
    return harness.outcomes.seen(0, offset, LONG).join().orElseThrow().outcome();
  }
}
