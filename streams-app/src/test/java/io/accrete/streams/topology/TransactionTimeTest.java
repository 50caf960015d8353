package io.accrete.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.Test;

class TransactionTimeTest {
  private static final Duration SHARE = Duration.ofSeconds(10);
  private final AtomicLong clock = new AtomicLong();
  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private final ThreadLocal<TransactionTime.Run> runs = ThreadLocal.withInitial(TransactionTime.Run::new);
  private final TransactionTime time = task();

  @Test
  void shouldEndARunThatTakesTooLong() {
    time.begin();
    pass(Duration.ofSeconds(9));
    assertThatCode(time::begin).doesNotThrowAnyException();
    pass(Duration.ofSeconds(2));
    assertThatThrownBy(time::begin).isInstanceOf(TransactionTime.SlowTransactionException.class)
        .hasMessageContaining("transaction.timeout.ms");
  }

  @Test
  void shouldCountTheTimeOfAllTasksOfTheThread() {
    TransactionTime second = task();
    time.begin();
    pass(Duration.ofSeconds(8));
    second.begin();
    pass(Duration.ofSeconds(4));
    assertThatThrownBy(second::begin).isInstanceOf(TransactionTime.SlowTransactionException.class);
  }

  @Test
  void shouldLetOneRecordOfEachTaskThrough() {
    for (int tasks = 0; tasks < 5; tasks++) {
      assertThatCode(task()::begin).doesNotThrowAnyException();
      pass(Duration.ofSeconds(9));
    }
  }

  @Test
  void shouldBeginARunAnewAtEachPunctuation() {
    time.begin();
    pass(Duration.ofSeconds(20));
    MockProcessorContext.CapturedPunctuator tick = context.scheduledPunctuators().get(0);
    tick.getPunctuator().punctuate(0);

    assertThat(tick.cancelled()).isTrue();
    assertThatCode(time::begin).doesNotThrowAnyException();
    assertThat(context.scheduledPunctuators()).hasSize(2);
  }

  @Test
  void shouldTellWhatIsLeftToARecord() {
    time.begin();
    pass(Duration.ofSeconds(4));
    assertThat(time.left()).isEqualTo(Duration.ofSeconds(6));
    pass(Duration.ofSeconds(7));
    assertThat(time.left()).isNegative();
  }

  private TransactionTime task() {
    return new TransactionTime(context, runs, SHARE, clock::get);
  }

  private void pass(Duration duration) {
    clock.addAndGet(duration.toNanos());
  }
}
