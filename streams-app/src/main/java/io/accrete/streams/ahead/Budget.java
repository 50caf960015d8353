package io.accrete.streams.ahead;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that may be held at once. Safe for many threads. */
public final class Budget {
  private final long most;
  private final AtomicLong held = new AtomicLong();

  public Budget(long most) {
    this.most = most;
  }

  /** Takes bytes, if so many are left. */
  public boolean take(long bytes) {
    if (held.addAndGet(bytes) <= most) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  public void give(long bytes) {
    held.addAndGet(-bytes);
  }

  long held() {
    return held.get();
  }
}
