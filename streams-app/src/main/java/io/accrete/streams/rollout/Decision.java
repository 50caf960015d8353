package io.accrete.streams.rollout;

import io.accrete.events.RolloutEvent;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done.
 *
 * @param events to be written together, in this order
 * @param refusal why the command is not carried out, for a person; empty if it is, or there is none
 */
record Decision(List<RolloutEvent> events, Optional<String> refusal) {
  Decision {
    events = List.copyOf(events);
  }
}
