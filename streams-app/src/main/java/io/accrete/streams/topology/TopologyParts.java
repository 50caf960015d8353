package io.accrete.streams.topology;

import io.accrete.streams.encode.ServedModel;
import java.time.Duration;

/** What all tasks of the topology share; every part is safe for use by several threads. */
record TopologyParts(
    ServedModel model,
    EventParser parser,
    ContentReader contents,
    EmbeddingWriter embeddings,
    ImageSetSampler sampler,
    DeadLetters deadLetters,
    TopologyMetrics metrics,
    boolean features,
    int maxImages,
    ThreadLocal<TransactionTime.Run> runs,
    Duration transactionShare) {}
