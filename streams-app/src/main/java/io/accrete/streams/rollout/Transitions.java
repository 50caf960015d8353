package io.accrete.streams.rollout;

import static io.accrete.events.RolloutState.ACTIVE;
import static io.accrete.events.RolloutState.BACKFILLING;
import static io.accrete.events.RolloutState.DRAINING;
import static io.accrete.events.RolloutState.FAILED;
import static io.accrete.events.RolloutState.PUBLISHED;
import static io.accrete.events.RolloutState.RETIRED;
import static io.accrete.events.RolloutState.WARMING;

import io.accrete.events.RolloutState;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Every legal transition of a model version. A version begins as PUBLISHED. */
public final class Transitions {
  private static final Map<RolloutState, Set<RolloutState>> LEGAL = Map.of(
      PUBLISHED, Set.of(WARMING, ACTIVE, FAILED, RETIRED), // ACTIVE: the first version of an application without objects
      WARMING, Set.of(BACKFILLING, FAILED, RETIRED),
      BACKFILLING, Set.of(ACTIVE, FAILED, RETIRED),
      ACTIVE, Set.of(DRAINING),
      DRAINING, Set.of(ACTIVE, RETIRED),
      RETIRED, Set.of(WARMING),
      FAILED, Set.of(WARMING, RETIRED));

  private Transitions() {}

  /** Whether a version may go from one state to the other; {@code from} is null for a version without a state. */
  public static boolean isLegal(RolloutState from, RolloutState to) {
    return from == null ? to == PUBLISHED : LEGAL.get(from).contains(to);
  }

  /** Throws if the transition is not legal. */
  static void require(String version, RolloutState from, RolloutState to) {
    if (!isLegal(from, to)) {
      throw new IllegalStateException(refusal(version, from, to));
    }
  }

  /** Why a version cannot go from one state to the other, for a person. */
  static String refusal(String version, RolloutState from, RolloutState to) {
    String possible = from == null ? PUBLISHED.name()
        : LEGAL.get(from).stream().sorted().map(RolloutState::name).collect(Collectors.joining(", "));
    return version + " is " + (from == null ? "not published" : from) + " and cannot become " + to + "; possible from there: " + possible
        + ".";
  }
}
