package io.accrete.streams.topology;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Meters of the topology. Events of transactions that were aborted and repeated are counted each time.
 *
 * <p>{@value #EVENTS} counts by {@code outcome}, {@value #DEAD_LETTERS} by {@code reason}; {@value #ENCODE} times how long it takes the
 * stream thread to get an image's tokens, {@value #FOLD} one image into one state. {@value #IMAGE_SETS} counts by {@code outcome}:
 * {@code sent}, or {@code too_few} when fewer than two of the images drawn could be read and did fit. {@value #SWEEP} counts objects by
 * {@code outcome}: {@code folded} again under a new version, {@code unreadable}, or {@code removed} when a latent was. {@value #LATENCY} is
 * the time from that of an event until its embedding has been made, with percentiles of the last minute.
 */
public final class TopologyMetrics {
  public static final String EVENTS = "accrete.events";
  static final String DEAD_LETTERS = "accrete.dead.letters";
  public static final String ENCODE = "accrete.encode";
  static final String FOLD = "accrete.fold";
  static final String IMAGE_SETS = "accrete.image.sets";
  static final String SWEEP = "accrete.sweep.objects";
  public static final String LATENCY = "accrete.latency";
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofDays(1); // of what is told apart
  private static final int PRECISION = 2;

  private static final Set<Outcome> EMBEDDING = EnumSet.of(Outcome.FOLDED, Outcome.REPLACED, Outcome.REMOVED, Outcome.CAUGHT_UP);

  private final Map<Outcome, Counter> events = new EnumMap<>(Outcome.class);
  private final Map<DeadLetterReason, Counter> deadLetters = new EnumMap<>(DeadLetterReason.class);
  private final Timer encode;
  private final Timer fold;
  private final Timer latency;
  private final Counter setsSent;
  private final Counter setsTooFew;
  private final Counter sweepFolded;
  private final Counter sweepUnreadable;
  private final Counter sweepRemoved;

  TopologyMetrics(MeterRegistry meters) {
    encode = meters.timer(ENCODE);
    fold = meters.timer(FOLD);
    latency = Timer.builder(LATENCY).publishPercentiles(0.5, 0.99).percentilePrecision(PRECISION).distributionStatisticExpiry(WINDOW)
        .minimumExpectedValue(Duration.ofMillis(1)).maximumExpectedValue(LONGEST).register(meters);
    setsSent = meters.counter(IMAGE_SETS, "outcome", "sent");
    setsTooFew = meters.counter(IMAGE_SETS, "outcome", "too_few");
    sweepFolded = meters.counter(SWEEP, "outcome", "folded");
    sweepUnreadable = meters.counter(SWEEP, "outcome", "unreadable");
    sweepRemoved = meters.counter(SWEEP, "outcome", "removed");
    for (Outcome outcome : Outcome.values()) {
      events.put(outcome, meters.counter(EVENTS, "outcome", tag(outcome))); // present from the start, so that a rate begins at 0
    }
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      deadLetters.put(reason, meters.counter(DEAD_LETTERS, "reason", tag(reason)));
    }
  }

  /** An event of this time (ms since 1970) has been through, with this outcome. */
  void through(Outcome outcome, long timestamp) {
    count(outcome);
    if (EMBEDDING.contains(outcome)) {
      latency.record(Math.max(0, System.currentTimeMillis() - timestamp), TimeUnit.MILLISECONDS);
    }
  }

  void count(Outcome outcome) {
    events.get(outcome).increment();
  }

  void count(DeadLetterReason reason) {
    deadLetters.get(reason).increment();
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
