package io.accrete.streams.rollout;

import static io.accrete.events.RolloutState.ACTIVE;
import static io.accrete.events.RolloutState.BACKFILLING;
import static io.accrete.events.RolloutState.DRAINING;
import static io.accrete.events.RolloutState.FAILED;
import static io.accrete.events.RolloutState.RETIRED;

import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What commands mean, and whether they can be carried out. */
public final class Commands {
  private static final String LIST = " 'accrete models list' shows what there is.";

  private Commands() {}

  /** The version that a command names, or that it means where it names none. */
  public static Optional<String> target(RolloutView view, RolloutCommand command) {
    if (command.getModelVersion() != null) {
      return Optional.of(command.getModelVersion());
    }
    return switch (command.getAction()) {
      case ROLLBACK -> view.latest(DRAINING).map(RolloutEvent::getModelVersion);
      case PAUSE, RESUME -> view.latest(BACKFILLING).map(RolloutEvent::getModelVersion);
      case ACTIVATE, RETIRE -> Optional.empty();
    };
  }

  /**
   * Why a command cannot be carried out now, for a person; empty if it can.
   *
   * @param withTopic as in {@link Application}
   */
  public static Optional<String> refusal(RolloutView view, RolloutCommand command, Set<String> withTopic) {
    RolloutAction action = command.getAction();
    Optional<String> target = target(view, command);
    if (target.isEmpty()) {
      return Optional.of(switch (action) {
        case ROLLBACK -> "No version is DRAINING, so there is none to go back to." + LIST;
        case PAUSE, RESUME -> "No version is BACKFILLING, so there is no sweep to " + verb(action) + "." + LIST;
        case ACTIVATE, RETIRE -> "Name the version to " + verb(action) + "." + LIST;
      });
    }
    String version = target.get();
    Optional<RolloutState> state = view.state(version);
    if (state.isEmpty()) {
      return Optional.of(version + " is not published." + LIST);
    }
    return switch (action) {
      case ACTIVATE -> activate(view, version, state.get(), withTopic);
      case ROLLBACK -> rollback(view, version, state.get());
      case RETIRE -> retire(version, state.get());
      case PAUSE, RESUME -> rest(view, version, state.get(), action);
    };
  }

  private static Optional<String> activate(RolloutView view, String version, RolloutState state, Set<String> withTopic) {
    if (state == DRAINING) {
      return Optional.of(version + " is DRAINING and complete: 'accrete models rollback " + version + "' makes it active at once.");
    }
    if (!Transitions.isLegal(state, RolloutState.WARMING)) {
      return Optional.of(version + " is " + state + (state == ACTIVE ? " already." : ": it is being rolled out already."));
    }
    if (view.version(version).isEmpty()) {
      return Optional.of(version + " is not published any more. Publish it again.");
    }
    // What is left of the last time has not followed the events since; and without an active version nobody works on events.
    boolean isLeft = (state == FAILED || state == RETIRED) && withTopic.contains(version) && view.latest(ACTIVE).isPresent();
    return isLeft ? Optional.of("What is left of " + version + " since it was " + state
        + " is still being removed. Try again when its embeddings topic is gone.") : Optional.empty();
  }

  private static Optional<String> rollback(RolloutView view, String version, RolloutState state) {
    if (state == DRAINING) {
      return Optional.empty();
    }
    List<String> draining = view.events().stream().filter(event -> event.getState() == DRAINING).map(RolloutEvent::getModelVersion)
        .toList();
    return Optional.of(version + " is " + state + "; only a version that is DRAINING can be gone back to ("
        + (draining.isEmpty() ? "none is" : "now: " + String.join(", ", draining)) + ").");
  }

  private static Optional<String> retire(String version, RolloutState state) {
    if (Transitions.isLegal(state, RETIRED)) {
      return Optional.empty();
    }
    return Optional.of(state == ACTIVE ? version + " is ACTIVE: it can be retired when another version has taken its place."
        : version + " is " + state + " already.");
  }

  private static Optional<String> rest(RolloutView view, String version, RolloutState state, RolloutAction action) {
    if (state != BACKFILLING) {
      return Optional.of(version + " is " + state + "; only the sweep of a version that is BACKFILLING can be paused and resumed.");
    }
    boolean paused = view.event(version).orElseThrow().getPaused();
    return paused != (action == RolloutAction.PAUSE) ? Optional.empty()
        : Optional.of("The sweep of " + version + (paused ? " is paused already." : " is not paused."));
  }

  private static String verb(RolloutAction action) {
    return action.name().toLowerCase(Locale.ROOT);
  }
}
