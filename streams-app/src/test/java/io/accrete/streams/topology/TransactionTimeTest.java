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
  private final TransactionTime time = new TransactionTime(context, SHARE, clock::get);

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

  private void pass(Duration duration) {
    clock.addAndGet(duration.toNanos());
  }
}
