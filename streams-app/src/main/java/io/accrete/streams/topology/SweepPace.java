package io.accrete.streams.topology;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** When a stream thread may sweep: for at most a share of the time that live events leave to it. Shared by the tasks of the thread. */
final class SweepPace {
  private final double share;
  private long restUntil; // nanoseconds since 1970
  private long encoded; // nanoseconds, since the thread swept last

  SweepPace(double share) {
    this.share = share;
  }

  /** Notes that the thread was busy with a live event: no rest for the encoder. */
  void live(long nanos) {
    restUntil += nanos;
  }

  /** Notes that an encoder was busy for so long for what the thread is sweeping, on a thread of its own. */
  void encoded(long nanos) {
    encoded += nanos;
  }

  /** Notes that the thread swept for so long, from this time on (milliseconds since 1970). */
  void swept(long from, long nanos) {
    restUntil = TimeUnit.MILLISECONDS.toNanos(from) + (long) ((nanos + encoded) / share);
    encoded = 0;
  }

  /** What is left of the rest; zero: none. */
  Duration rest(long now) {
    long left = restUntil - TimeUnit.MILLISECONDS.toNanos(now);
    return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
  }
}
