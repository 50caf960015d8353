package io.accrete.streams.topology;

import io.accrete.state.ObjectState;
import io.accrete.state.SweepState;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.store.StateStores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The sweeps of one task, as its store holds them. */
final class Sweeps {
  private final KeyValueStore<String, SweepState> store;

  Sweeps(ProcessingContext context) {
    store = context.getStateStore(StateStores.SWEEPS);
  }

  /**
   * Forgets the sweeps that these models leave no use for. To be called before anything is done under them: a version that was not folded
   * into for a while must be swept from the start, and a version that was tried again must be removed again.
   */
  void keep(LiveModels live) {
    for (Tally tally : all()) {
      boolean useful =
          tally.state().getRemoval() ? tally.isRemovalSince(live.removing().get(tally.version())) : live.folds(tally.version());
      if (!useful) {
        store.delete(tally.version());
      }
    }
  }

  /** How far a version is; {@code begin} if it has not begun. */
  Tally of(Tally begin) {
    SweepState state = store.get(begin.version());
    return state == null ? begin : new Tally(begin.version(), state);
  }

  void put(Tally tally) {
    store.put(tally.version(), tally.state());
  }

  /** Takes note of what an event did to an object. */
  void changed(String objectId, Optional<ObjectState> before, Optional<ObjectState> after) {
    if (before.map(state -> state.getLatents().keySet()).equals(after.map(state -> state.getLatents().keySet()))) {
      return; // as with most events: no sweep has to be looked at
    }
    for (Tally tally : all()) {
      Tally changed = tally.changed(objectId, before, after);
      if (changed != tally) {
        put(changed);
      }
    }
  }

  private List<Tally> all() {
    List<Tally> tallies = new ArrayList<>();
    try (KeyValueIterator<String, SweepState> states = store.all()) {
      states.forEachRemaining(state -> tallies.add(new Tally(state.key, state.value)));
    }
    return tallies;
  }
}
