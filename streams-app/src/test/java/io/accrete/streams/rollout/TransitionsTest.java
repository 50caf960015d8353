package io.accrete.streams.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.accrete.events.RolloutState;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransitionsTest {
  @ParameterizedTest
  @CsvSource({
    ", PUBLISHED",
    "PUBLISHED, WARMING ACTIVE FAILED RETIRED",
    "WARMING, BACKFILLING FAILED RETIRED",
    "BACKFILLING, ACTIVE FAILED RETIRED",
    "ACTIVE, DRAINING",
    "DRAINING, ACTIVE RETIRED",
    "RETIRED, WARMING",
    "FAILED, WARMING RETIRED"})
  void shouldKnowEveryTransition(RolloutState from, String possible) {
    Set<RolloutState> legal = Stream.of(possible.split(" ")).map(RolloutState::valueOf).collect(Collectors.toSet());
    for (RolloutState to : RolloutState.values()) {
      assertThat(Transitions.isLegal(from, to)).as("%s to %s", from, to).isEqualTo(legal.contains(to));
      if (legal.contains(to)) {
        assertThatCode(() -> Transitions.require("v1", from, to)).doesNotThrowAnyException();
      } else {
        assertThatIllegalStateException().isThrownBy(() -> Transitions.require("v1", from, to));
      }
    }
  }

  @Test
  void shouldNameBothStatesAndWhatIsPossible() {
    assertThatIllegalStateException().isThrownBy(() -> Transitions.require("v1", RolloutState.WARMING, RolloutState.ACTIVE))
        .withMessage("v1 is WARMING and cannot become ACTIVE; possible from there: BACKFILLING, RETIRED, FAILED.");
    assertThatIllegalStateException().isThrownBy(() -> Transitions.require("v1", null, RolloutState.ACTIVE))
        .withMessage("v1 is not published and cannot become ACTIVE; possible from there: PUBLISHED.");
  }
}
