package io.accrete.streams;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadReplacementTest {
  private final AtomicLong clock = new AtomicLong();
  private final ThreadReplacement replacement = new ThreadReplacement(2, Duration.ofMinutes(1), clock::get);
  private final Exception failure = new RuntimeException("task failed", new IllegalStateException("disk full"));

  @AfterEach
  void restoreThread() {
    Thread.currentThread().setUncaughtExceptionHandler(null);
  }

  @Test
  void shouldReplaceAThreadAsLongAsFailuresAreRare() {
    for (int i = 0; i < 10; i++) {
      clock.addAndGet(Duration.ofSeconds(40).toNanos());
      assertThat(replacement.handle(failure)).isEqualTo(REPLACE_THREAD);
    }
    assertThat(replacement.last()).contains("IllegalStateException: disk full");
  }

  @Test
  void shouldOutlastARegistryThatIsDown() {
    Exception outage = new RuntimeException(new ConnectException("refused"));
    for (int i = 0; i < 10; i++) {
      assertThat(replacement.handle(outage)).isEqualTo(REPLACE_THREAD);
    }
  }

  @Test
  void shouldStopWhenFailuresAreRapid() {
    assertThat(replacement.last()).isEmpty();
    assertThat(replacement.handle(failure)).isEqualTo(REPLACE_THREAD);
    assertThat(replacement.handle(failure)).isEqualTo(REPLACE_THREAD);
    assertThat(replacement.handle(failure)).isEqualTo(SHUTDOWN_CLIENT);
  }
}
