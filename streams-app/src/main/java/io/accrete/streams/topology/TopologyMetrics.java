package io.accrete.streams.topology;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;

/**
 * Meters of the topology. Events of transactions that were aborted and repeated are counted each time.
 *
 * <p>{@value #EVENTS} counts by {@code outcome}, {@value #DEAD_LETTERS} by {@code reason}; {@value #ENCODE} times how long it takes the
 * stream thread to get an image's tokens, {@value #FOLD} one image into one state. {@value #IMAGE_SETS} counts by {@code outcome}:
 * {@code sent}, or {@code too_few} when fewer than two of the images drawn could be read and did fit. {@value #SWEEP} counts objects by
 * {@code outcome}: {@code folded} again under a new version, {@code unreadable}, or {@code removed} when a latent was.
 */
final class TopologyMetrics {
  static final String EVENTS = "accrete.events";
  static final String DEAD_LETTERS = "accrete.dead.letters";
  static final String ENCODE = "accrete.encode";
  static final String FOLD = "accrete.fold";
  static final String IMAGE_SETS = "accrete.image.sets";
  static final String SWEEP = "accrete.sweep.objects";

  private final MeterRegistry meters;
  private final Timer encode;
  private final Timer fold;
  private final Counter setsSent;
  private final Counter setsTooFew;
  private final Counter sweepFolded;
  private final Counter sweepUnreadable;
  private final Counter sweepRemoved;

  TopologyMetrics(MeterRegistry meters) {
    this.meters = meters;
    encode = meters.timer(ENCODE);
    fold = meters.timer(FOLD);
    setsSent = meters.counter(IMAGE_SETS, "outcome", "sent");
    setsTooFew = meters.counter(IMAGE_SETS, "outcome", "too_few");
    sweepFolded = meters.counter(SWEEP, "outcome", "folded");
    sweepUnreadable = meters.counter(SWEEP, "outcome", "unreadable");
    sweepRemoved = meters.counter(SWEEP, "outcome", "removed");
    for (Outcome outcome : Outcome.values()) {
      meters.counter(EVENTS, "outcome", tag(outcome)); // present from the start, so that a rate begins at 0
    }
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      meters.counter(DEAD_LETTERS, "reason", tag(reason));
    }
  }

  void count(Outcome outcome) {
    meters.counter(EVENTS, "outcome", tag(outcome)).increment();
  }

  void count(DeadLetterReason reason) {
    meters.counter(DEAD_LETTERS, "reason", tag(reason)).increment();
  }

  Timer encode() {
    return encode;
  }

  Timer fold() {
    return fold;
  }

  Counter setsSent() {
    return setsSent;
  }

  Counter setsTooFew() {
    return setsTooFew;
  }

  Counter sweepFolded() {
    return sweepFolded;
  }

  Counter sweepUnreadable() {
    return sweepUnreadable;
  }

  Counter sweepRemoved() {
    return sweepRemoved;
  }

  private static String tag(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
