package io.accrete.streams.topology;

import static io.accrete.serde.AvroSerdeException.Reason.REGISTRY_UNAVAILABLE;

import io.accrete.serde.AvroSerdeException;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a schema registry that is down, which is no event's fault, from an event that cannot be read.
 *
 * <p>While the registry is down it waits in place, within the transaction; then it throws, so that the transaction is begun again.
 */
final class RegistryPatience {
  private static final Logger log = LoggerFactory.getLogger(RegistryPatience.class);
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 2000;

  private final Duration limit;

  RegistryPatience(Duration limit) {
    this.limit = limit;
  }

  /** Reads with the registry's help; what cannot be read is rejected. */
  <T> T read(Supplier<T> work) throws RejectedEventException {
    try {
      return write(work);
    } catch (RuntimeException e) {
      throw new RejectedEventException(switch (AvroSerdeException.Reason.of(e)) {
        case REGISTRY_UNAVAILABLE, SCHEMA_REFUSED -> throw e;
        case UNKNOWN_SCHEMA -> DeadLetterReason.UNKNOWN_SCHEMA;
        case NOT_AVRO, UNDECODABLE, UNENCODABLE -> DeadLetterReason.NOT_AVRO;
      }, "The event cannot be read: " + message(e));
    }
  }

  /** Writes with the registry's help. */
  <T> T write(Supplier<T> work) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
      try {
        return work.get();
      } catch (RuntimeException e) {
        if (AvroSerdeException.Reason.of(e) != REGISTRY_UNAVAILABLE || System.nanoTime() + Duration.ofMillis(pause).toNanos() > deadline) {
          throw e;
        }
        log.warn("Waiting for the schema registry, trying again in {} ms: {}", pause, message(e));
        sleep(pause);
      }
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static String message(RuntimeException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
