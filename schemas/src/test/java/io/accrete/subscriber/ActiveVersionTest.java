package io.accrete.subscriber;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.events.RolloutState;
import org.junit.jupiter.api.Test;

class ActiveVersionTest {
  private final ActiveVersion pointer = new ActiveVersion();

  @Test
  void shouldBeNoneUntilOneIsActive() {
    pointer.apply("V1", RolloutState.PUBLISHED);
    pointer.apply("V1", RolloutState.BACKFILLING);
    assertThat(pointer.version()).isNull();
    pointer.apply("V1", RolloutState.ACTIVE);
    pointer.apply("V2", RolloutState.BACKFILLING);
    assertThat(pointer.version()).isEqualTo("V1");
  }

  @Test
  void shouldMoveOnceInAFlipInWhateverOrderItIsWritten() {
    pointer.apply("V1", RolloutState.ACTIVE);
    pointer.apply("V1", RolloutState.DRAINING);
    assertThat(pointer.version()).isEqualTo("V1");
    pointer.apply("V2", RolloutState.ACTIVE);
    assertThat(pointer.version()).isEqualTo("V2");
    pointer.apply("V1", RolloutState.ACTIVE);
    assertThat(pointer.version()).isEqualTo("V1");
    pointer.apply("V2", RolloutState.DRAINING);
    assertThat(pointer.version()).isEqualTo("V1");
  }

  @Test
  void shouldStayWhileOthersComeAndGo() {
    pointer.apply("V1", RolloutState.ACTIVE);
    pointer.apply("V2", RolloutState.FAILED);
    pointer.apply("V2", null);
    pointer.apply("V1", RolloutState.ACTIVE);
    assertThat(pointer.version()).isEqualTo("V1");
    pointer.apply("V1", null);
    assertThat(pointer.version()).isEqualTo("V1");
  }
}
