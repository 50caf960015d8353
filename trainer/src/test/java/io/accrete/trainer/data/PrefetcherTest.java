package io.accrete.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PrefetcherTest {
  @Test
  void shouldGiveBatchesInOrderThoughTheyAreReadyInAnother() {
    Map<Long, CountDownLatch> made = new ConcurrentHashMap<>();
    LongStream.range(7, 11).forEach(step -> made.put(step, new CountDownLatch(1)));
    List<Long> order = List.of(10L, 8L, 9L, 7L); // each waits until the one before it here is made
    ConcurrentLinkedQueue<Long> finished = new ConcurrentLinkedQueue<>();

    try (Prefetcher<String> batches = new Prefetcher<>(step -> {
      int place = order.indexOf(step);
      if (place > 0) {
        await(made.get(order.get(place - 1)));
      }
      if (place >= 0) {
        finished.add(step);
        made.get(step).countDown();
      }
      return "batch " + step;
    }, 7, 4, 4)) {
      for (long step = 7; step < 100; step++) {
        assertThat(batches.next()).isEqualTo("batch " + step);
      }
    }
    assertThat(finished).containsExactlyElementsOf(order);
  }

  @Test
  void shouldMakeNoMoreAheadThanAsked() {
    ConcurrentLinkedQueue<Long> begun = new ConcurrentLinkedQueue<>();
    Semaphore begins = new Semaphore(0);
    try (Prefetcher<Long> batches = new Prefetcher<>(step -> {
      begun.add(step);
      begins.release();
      return step;
    }, 0, 3, 2)) {
      assertThat(batches.next()).isZero();
      begins.acquireUninterruptibly(4);
      assertThat(begun).containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
    }
  }

  @Test
  void shouldTellOfAFailureOnceAndGoOn() {
    IllegalStateException cause = new IllegalStateException("no such photo");
    try (Prefetcher<Long> batches = new Prefetcher<>(step -> {
      if (step == 41) {
        throw cause;
      }
      return step;
    }, 40, 2, 1)) {
      assertThat(batches.next()).isEqualTo(40);
      assertThatThrownBy(batches::next).hasMessageContaining("step 41").hasMessageContaining("no such photo").hasCause(cause);
      assertThat(batches.next()).isEqualTo(42);
    }
  }

  @Test
  void shouldCountTheTimeInWhichItHadNoBatch() {
    CountDownLatch asked = new CountDownLatch(1);
    try (Prefetcher<Long> batches = new Prefetcher<>(step -> {
      await(asked);
      return step;
    }, 0, 1, 1)) {
      assertThat(batches.waited()).isEqualTo(Duration.ZERO);
      CompletableFuture<Long> next = CompletableFuture.supplyAsync(batches::next);
      asked.countDown();
      assertThat(next.join()).isZero();
      assertThat(batches.waited()).isPositive();
    }
  }

  @Test
  void shouldStopAtOnce() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Prefetcher<Long> batches = new Prefetcher<>(step -> {
      begun.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
      return step;
    }, 5, 4, 1);
    begun.await();
    CompletableFuture<Long> waiting = CompletableFuture.supplyAsync(batches::next);

    batches.close();

    assertThat(interrupted.getCount()).as("returns when the batch in the making is left").isZero();
    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class).hasMessageContaining("step 5")
        .hasMessageContaining("closed");
    assertThatThrownBy(batches::next).hasMessageContaining("closed");
    batches.close();
  }

  @Test
  void shouldFinishAnInterruptedWaitAndKeepTheInterrupt() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    try (Prefetcher<Long> batches = new Prefetcher<>(step -> {
      begun.countDown();
      await(asked);
      return step;
    }, 0, 1, 1)) {
      AtomicBoolean kept = new AtomicBoolean();
      FutureTask<Long> waiting = new FutureTask<>(() -> {
        Thread.currentThread().interrupt();
        Long batch = batches.next();
        kept.set(Thread.interrupted());
        return batch;
      });
      new Thread(waiting).start();
      begun.await();
      asked.countDown();
      assertThat(waiting.get(30, TimeUnit.SECONDS)).isZero();
      assertThat(kept).isTrue();
    }
  }

  @Test
  void shouldRefuseNoThreads() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Prefetcher<>(step -> step, 0, 1, 0)).withMessageContaining("1 thread");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
