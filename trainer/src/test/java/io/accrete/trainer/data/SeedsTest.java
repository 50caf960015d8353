package io.accrete.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void shouldGiveEveryThingNumbersOfItsOwn() {
    Set<Long> first = new HashSet<>();
    double sum = 0;
    for (long seed = -5; seed < 5; seed++) {
      for (long step = 0; step < 100; step++) {
        for (long index = 0; index < 100; index++) {
          assertThat(Seeds.random(seed, step, index).nextLong()).isEqualTo(Seeds.random(seed, step, index).nextLong());
          first.add(Seeds.random(seed, step, index).nextLong());
          sum += Seeds.random(seed, step, index).nextDouble();
        }
      }
    }
    assertThat(first).hasSize(100_000);
    assertThat(sum / 100_000).isCloseTo(.5, within(.005));
  }
}
