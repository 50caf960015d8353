package io.accrete.streams.topology;

import io.accrete.streams.encode.ModelSource;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** What all tasks of the topology share; every part is safe for use by several threads. */
record TopologyParts(
    Supplier<ModelSource> models,
    EventParser parser,
    ContentReader contents,
    Optional<ImagesAhead> ahead,
    EmbeddingWriter embeddings,
    ImageSetSampler sampler,
    DeadLetters deadLetters,
    ReportWriter reports,
    TopologyMetrics metrics,
    boolean features,
    int maxImages,
    ThreadLocal<TransactionTime.Run> runs,
    Duration transactionShare,
    ThreadLocal<SweepPace> pace,
    Duration slice) {}
