package io.accrete.bench;

import com.sun.management.OperatingSystemMXBean;
import io.accrete.streams.ahead.AheadMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * Where a run stands, or what was done between two moments.
 *
 * @param nanos {@link System#nanoTime}
 * @param images whose embeddings can be read
 * @param batches encoded ahead
 * @param batched images in these
 * @param deviceNanos time that they took
 * @param queued images that waited for their batch
 * @param queueNanos how long all these waited
 * @param processorNanos of this process, all of its threads together
 */
record Moment(long nanos, long images, double batches, double batched, double deviceNanos, double queued, double queueNanos,
    long processorNanos) {
  private static final OperatingSystemMXBean PROCESS = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  static Moment now(long images, SimpleMeterRegistry meters) {
    return new Moment(System.nanoTime(), images, meters.summary(AheadMetrics.BATCH).count(),
        meters.summary(AheadMetrics.BATCH).totalAmount(), meters.timer(AheadMetrics.DEVICE).totalTime(TimeUnit.NANOSECONDS),
        meters.timer(AheadMetrics.QUEUE).count(), meters.timer(AheadMetrics.QUEUE).totalTime(TimeUnit.NANOSECONDS),
        PROCESS.getProcessCpuTime());
  }

  /** What was done since then. */
  Moment since(Moment then) {
    return new Moment(nanos - then.nanos, images - then.images, batches - then.batches, batched - then.batched,
        deviceNanos - then.deviceNanos, queued - then.queued, queueNanos - then.queueNanos,
        processorNanos - then.processorNanos);
  }

  double imagesPerSecond() {
    return images * 1e9 / nanos;
  }

  double meanBatch() {
    return batched / Math.max(1, batches);
  }

  /** Share of the time in which the encoder was busy, 0 to 1. */
  double busy() {
    return deviceNanos / nanos;
  }

  /** How long an image waited for its batch, on average. */
  double queueMillis() {
    return queueNanos / Math.max(1, queued) / 1e6;
  }

  /** Processor time that an image took. */
  double processorMillis() {
    return processorNanos / 1e6 / images;
  }
}
