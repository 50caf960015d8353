package io.accrete.streams.topology;

import java.time.Duration;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * When a stream thread commits before Kafka Streams does by itself, which is set to do so rarely: commits are dear. Shared by the tasks of
 * the thread, which commit together.
 */
final class CommitPace {
  private final long intervalMillis;
  private long due; // milliseconds since 1970: when a commit was, or will be, asked for

  CommitPace(Duration interval) {
    intervalMillis = interval.toMillis();
  }

  /** Has what was done committed, an interval after the last time at the earliest. */
  void soon(ProcessingContext context) {
    long now = context.currentSystemTimeMs();
    if (due <= now) {
      due = Math.max(now + 1, due + intervalMillis);
      Cancellable[] tick = new Cancellable[1]; // of this call: the next one may come before it ticks
      tick[0] = context.schedule(Duration.ofMillis(due - now), PunctuationType.WALL_CLOCK_TIME, time -> {
        tick[0].cancel();
        context.commit();
      });
    }
  }
}
