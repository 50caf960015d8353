package io.accrete.streams.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokersTest {
  @ParameterizedTest
  @CsvSource({
    "accrete-0123456789ab-StreamThread-1-consumer, 0123456789ab",
    "accrete-0123456789ab-StreamThread-12-consumer, 0123456789ab",
    "accrete-shop-1-StreamThread-2, shop-1",
    "other, other"})
  void shouldTellTheInstanceFromTheNameOfItsThread(String clientId, String instance) {
    assertThat(Brokers.instance(clientId, "accrete")).isEqualTo(instance);
  }
}
