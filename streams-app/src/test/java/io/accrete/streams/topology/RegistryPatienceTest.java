package io.accrete.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class RegistryPatienceTest {
  private final AtomicInteger attempts = new AtomicInteger();

  @Test
  void shouldWaitForTheRegistry() throws RejectedEventException {
    Supplier<String> second = () -> {
      if (attempts.incrementAndGet() == 1) {
        throw new SerializationException(new DisconnectException("registry"));
      }
      return "read";
    };
    assertThat(new RegistryPatience(Duration.ofSeconds(10)).read(second)).isEqualTo("read");
    assertThat(attempts).hasValue(2);
  }

  @Test
  void shouldNotWaitForeverNorBlameTheEvent() {
    Supplier<String> never = () -> {
      attempts.incrementAndGet();
      throw new DisconnectException("registry");
    };
    assertThatExceptionOfType(DisconnectException.class).isThrownBy(() -> new RegistryPatience(Duration.ZERO).read(never));
    assertThat(attempts).hasValue(1);
  }

  @Test
  void shouldBlameTheEventForWhatCannotBeReadAtOnce() {
    Supplier<String> garbage = () -> {
      attempts.incrementAndGet();
      throw new SerializationException("garbage");
    };
    assertThatExceptionOfType(RejectedEventException.class).isThrownBy(() -> new RegistryPatience(Duration.ofSeconds(10)).read(garbage))
        .withMessageContaining("garbage");
    assertThat(attempts).hasValue(1);
  }
}
