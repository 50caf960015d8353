package io.accrete.streams.rollout;

import io.accrete.events.RolloutState;
import io.accrete.runtime.Model;
import java.time.Instant;
import java.util.Optional;

/**
 * A model version as this instance sees it.
 *
 * @param since when it entered the state
 * @param paused whether its sweep rests
 * @param model in the states from WARMING to DRAINING, once it is loaded here
 */
public record FollowedVersion(String version, RolloutState state, Instant since, boolean paused, Optional<Model> model) {}
