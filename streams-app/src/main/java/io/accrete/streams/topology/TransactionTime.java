package io.accrete.streams.topology;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * Keeps slow records from outliving the transaction they are in, which the broker would abort, again and again.
 *
 * <p>Kafka Streams processes a run of records before it looks whether to commit, and lengthens the run while nothing interrupts it. A
 * punctuation ends a run's growth; so one is asked for in every run. If a run is slow nevertheless, {@link #begin} throws before the
 * transaction times out: the thread is replaced, and a new thread starts with runs of one record.
 */
final class TransactionTime {
  private static final Duration TICK = Duration.ofMillis(1);

  private final ProcessingContext context;
  private final long shareNanos;
  private final LongSupplier nanoTime;
  private Cancellable tick;
  private long runStart;
  private long recordStart;

  /** Lets a run of records, and then its last record, take this long each. */
  TransactionTime(ProcessingContext context, Duration share, LongSupplier nanoTime) {
    this.context = context;
    this.shareNanos = share.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Notes that a record begins; throws {@link SlowTransactionException} when its run has used its share. */
  void begin() {
    recordStart = nanoTime.getAsLong();
    if (tick == null) {
      runStart = recordStart;
      tick = context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> {
        tick.cancel(); // once a run, not every millisecond of idleness: each punctuation makes the task commit
        tick = null;
      });
    } else if (recordStart - runStart > shareNanos) {
      throw new SlowTransactionException("The records of one transaction took longer than " + Duration.ofNanos(shareNanos).toSeconds()
          + " s; it is begun again in smaller steps. If this happens often, raise transaction.timeout.ms or lower "
          + "content.http.timeout.ms.");
    }
  }

  /** Time left to the record of the last {@link #begin}. */
  Duration left() {
    return Duration.ofNanos(shareNanos - (nanoTime.getAsLong() - recordStart));
  }

  /** Not a fault of any record: what was done since the last commit is to be done again. */
  static final class SlowTransactionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SlowTransactionException(String message) {
      super(message);
    }
  }
}
