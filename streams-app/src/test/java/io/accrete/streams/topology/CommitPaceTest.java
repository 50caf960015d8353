package io.accrete.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.junit.jupiter.api.Test;

class CommitPaceTest {
  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private final CommitPace pace = new CommitPace(Duration.ofMillis(100));

  @Test
  void shouldCommitAtOnceAfterAPause() {
    at(1000).soon(context);
    assertThat(tick(0).getInterval()).isEqualTo(Duration.ofMillis(1));
    tick(0).getPunctuator().punctuate(1001);
    assertThat(context.committed()).isTrue();
    assertThat(tick(0).cancelled()).isTrue();
  }

  @Test
  void shouldCommitOnceInAnInterval() {
    at(1000).soon(context);
    at(1030).soon(context);
    at(1040).soon(context);
    assertThat(tick(1).getInterval()).isEqualTo(Duration.ofMillis(71)); // the first was due at 1001
    assertThat(context.scheduledPunctuators()).hasSize(2);
  }

  @Test
  void shouldCommitAgainWhereACommitWasDueThatNeverCame() {
    at(1000).soon(context);
    at(1500).soon(context);
    assertThat(tick(1).getInterval()).isEqualTo(Duration.ofMillis(1));
    tick(0).getPunctuator().punctuate(1501); // of the first: it ends itself, not the second
    assertThat(tick(0).cancelled()).isTrue();
    assertThat(tick(1).cancelled()).isFalse();
  }

  private CommitPace at(long millis) {
    context.setCurrentSystemTimeMs(millis);
    return pace;
  }

  private CapturedPunctuator tick(int number) {
    return context.scheduledPunctuators().get(number);
  }
}
