package io.accrete.streams.topology;

import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.RetriableException;

/**
 * What a failure of the configured (de)serializer means. It may be Confluent's own class, so apart from this project's exceptions it is told
 * by the causes that the protocols below it have in common.
 *
 * @param reason empty if the registry is at fault and not the event
 */
record SerdeFault(Optional<DeadLetterReason> reason, String message) {
  static SerdeFault of(RuntimeException failure) {
    Optional<Throwable> registry = causes(failure).filter(SerdeFault::isOutage).findFirst();
    if (registry.isPresent()) {
      return new SerdeFault(Optional.empty(), message(registry.get()));
    }
    return new SerdeFault(Optional.of(DeadLetterReason.NOT_AVRO), message(failure));
  }

  private static boolean isOutage(Throwable cause) {
    return cause instanceof RetriableException
        || cause instanceof SocketException
        || cause instanceof UnknownHostException
        || cause instanceof java.net.http.HttpTimeoutException
        || cause instanceof java.net.SocketTimeoutException
        || cause instanceof javax.net.ssl.SSLException;
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).limit(20);
  }

  private static String message(Throwable failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }
}
