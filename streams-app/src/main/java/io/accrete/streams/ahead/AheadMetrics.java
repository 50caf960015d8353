package io.accrete.streams.ahead;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * Meters of encoding ahead.
 *
 * <p>{@value #IMAGES} counts images that events asked for by {@code outcome}: {@code hit} if their tokens had been computed in a batch,
 * {@code miss} if they were computed when the event was processed. {@value #BATCH} is the number of images of a batch, {@value #QUEUE} how
 * long an image that was ready waited for its batch, {@value #DEVICE} how long a batch took: the rate of its sum is how many batches were
 * encoded at a time, and so, where one is allowed, the share of the time in which the encoder was busy. {@value #BYTES} is what is held.
 */
public final class AheadMetrics {
  public static final String IMAGES = "accrete.ahead.images";
  public static final String BATCH = "accrete.ahead.batch";
  public static final String QUEUE = "accrete.ahead.queue";
  public static final String DEVICE = "accrete.ahead.device";
  public static final String BYTES = "accrete.ahead.bytes";

  private final Counter hits;
  private final Counter misses;
  private final DistributionSummary batch;
  private final Timer queue;
  private final Timer device;

  public AheadMetrics(MeterRegistry meters, Budget budget) {
    hits = meters.counter(IMAGES, "outcome", "hit");
    misses = meters.counter(IMAGES, "outcome", "miss");
    batch = meters.summary(BATCH);
    queue = meters.timer(QUEUE);
    device = meters.timer(DEVICE);
    meters.gauge(BYTES, budget, Budget::held);
  }

  public Counter hits() {
    return hits;
  }

  public Counter misses() {
    return misses;
  }

  DistributionSummary batch() {
    return batch;
  }

  Timer queue() {
    return queue;
  }

  Timer device() {
    return device;
  }
}
