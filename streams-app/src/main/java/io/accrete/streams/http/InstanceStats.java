package io.accrete.streams.http;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How an instance fares.
 *
 * @param events since the start, by outcome
 * @param images encoded since the start
 * @param lag events that wait in the most loaded partition, those aside that were polled already
 * @param batchMean images a batch, in the last minute
 * @param queueSeconds mean time that an image waited for its batch, in the last minute
 * @param p50Millis from an event's time to its embedding, in the last minute
 * @param p99Millis as {@code p50Millis}
 * @param ready whether the instance can do its work
 * @param objects in its partitions
 * @param subscribers that follow the stream of embeddings here
 */
public record InstanceStats(Instant at, Map<String, Long> events, long images, Optional<Long> lag, Optional<Double> batchMean,
    Optional<Double> queueSeconds, Optional<Double> p50Millis, Optional<Double> p99Millis, boolean ready, long objects, long subscribers) {}
