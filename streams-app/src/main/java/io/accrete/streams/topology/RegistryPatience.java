package io.accrete.streams.topology;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a schema registry that is down, which is no event's fault, from an event that cannot be read.
 *
 * <p>While the registry is down it waits in place, within the transaction; then it throws, so that the transaction is begun again.
 */
final class RegistryPatience {
  private static final Logger log = LoggerFactory.getLogger(RegistryPatience.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final int LONGEST_PAUSE_FACTOR = 8;

  private final Duration limit;

  RegistryPatience(Duration limit) {
    this.limit = limit;
  }

  /** Reads with the registry's help; what cannot be read is rejected. */
  <T> T read(Supplier<T> work) throws RejectedEventException {
    try {
      return write(work);
    } catch (RuntimeException e) {
      SerdeFault fault = SerdeFault.of(e);
      if (fault.reason().isEmpty()) {
        throw e;
      }
      throw new RejectedEventException(fault.reason().get(), "The event cannot be read: " + fault.message());
    }
  }

  /** Writes with the registry's help. */
  <T> T write(Supplier<T> work) {
    long deadline = System.nanoTime() + limit.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return work.get();
      } catch (RuntimeException e) {
        SerdeFault fault = SerdeFault.of(e);
        if (fault.reason().isPresent() || System.nanoTime() + pause.toNanos() > deadline) {
          throw e;
        }
        log.warn("The schema registry is not available, trying again in {} ms: {}", pause.toMillis(), fault.message());
        sleep(pause);
        pause = pause.multipliedBy(2).compareTo(FIRST_PAUSE.multipliedBy(LONGEST_PAUSE_FACTOR)) > 0 ? pause : pause.multipliedBy(2);
      }
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("Interrupted while waiting for the schema registry", e);
    }
  }
}
