package io.accrete.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
  @Test
  void shouldFollowTheHashOfTheId() {
    // sha256sum gives 2d711642..., 4a99557e... and efda1c92...: .1775, .2914 and .9369 of the range.
    assertThat(Split.heldBack("x", 0.1774)).isFalse();
    assertThat(Split.heldBack("x", 0.1776)).isTrue();
    assertThat(Split.heldBack("é", 0.2913)).isFalse();
    assertThat(Split.heldBack("é", 0.2915)).isTrue();
    assertThat(Split.heldBack("shoe", 0.9369)).as("above the middle, where the first byte is negative").isFalse();
    assertThat(Split.heldBack("shoe", 0.9370)).isTrue();
  }

  @Test
  void shouldHoldBackTheShare() {
    assertThat(IntStream.range(0, 10_000).filter(i -> Split.heldBack("object-" + i, 0.33)).count()).isBetween(3150L, 3450L);
    assertThat(IntStream.range(0, 100)).allMatch(i -> Split.heldBack("object-" + i, 1)).noneMatch(i -> Split.heldBack("object-" + i, 0));
  }

  @Test
  void shouldRefuseSharesThatAreNone() {
    assertThatIllegalArgumentException().isThrownBy(() -> Split.heldBack("x", Double.NaN)).withMessageContaining("found NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> Split.heldBack("x", 1.1)).withMessageContaining("found 1.1");
  }
}
