package io.accrete.bench;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Arrays;

/** The app's meters, which count an event when all is done about it: this notes when. */
final class EventClock extends SimpleMeterRegistry {
  private static final String EVENTS = "accrete.events";

  private long[] nanos = new long[1024];
  private int events;

  @Override
  protected Counter newCounter(Meter.Id id) {
    return !id.getName().equals(EVENTS) ? super.newCounter(id) : new CumulativeCounter(id) {
      @Override
      public void increment(double amount) {
        note(System.nanoTime());
        super.increment(amount);
      }
    };
  }

  private synchronized void note(long now) {
    if (events == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * events);
    }
    nanos[events++] = now;
  }

  /** When each event was done ({@link System#nanoTime}), in the order in which they were. */
  synchronized long[] nanos() {
    return Arrays.copyOf(nanos, events);
  }
}
