package io.accrete.streams.topology;

import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.store.ObjectChanges;
import java.time.Duration;
import java.util.function.Supplier;

/** What all tasks of the topology share; every part is safe for use by several threads. */
record TopologyParts(
    Supplier<ModelSource> models,
    EventParser parser,
    ContentReader contents,
    ImagesAhead ahead,
    EmbeddingWriter embeddings,
    ImageSetSampler sampler,
    DeadLetters deadLetters,
    ReportWriter reports,
    TopologyMetrics metrics,
    ObjectChanges changes,
    OutcomeWatch outcomes,
    boolean features,
    int maxImages,
    ThreadLocal<TransactionTime.Run> runs,
    Duration transactionShare,
    ThreadLocal<SweepPace> pace,
    ThreadLocal<CommitPace> commits,
    Duration slice) {
  /** Part of a record's share of the transaction in which it waits for what was begun; then there is still time to do it here. */
  private static final int WAITING_PART = 2;

  /** Until when, of {@link System#nanoTime}, to wait from now on for what was begun ahead. */
  long waitsUntil() {
    return System.nanoTime() + transactionShare.toNanos() / WAITING_PART;
  }
}
