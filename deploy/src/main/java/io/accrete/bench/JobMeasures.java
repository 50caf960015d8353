package io.accrete.bench;

/**
 * How fast a job is.
 *
 * @param imagesPerSecond with all events waiting, by the real encoder
 * @param simulatedImagesPerSecond the same with a simulated accelerator
 * @param latency from the time at which an event was to be sent to its committed embedding, at a steady rate
 */
public record JobMeasures(double imagesPerSecond, double simulatedImagesPerSecond, Latencies latency) {}
