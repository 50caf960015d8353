package io.accrete.streams.topology;

import io.accrete.state.ObjectState;
import io.accrete.state.SweepState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;

/**
 * How far the sweep of one version is. Immutable.
 *
 * <p>Its numbers are exact for the objects that it has met, whatever live events do to them: an object is counted from the time that pass 0
 * has met it, or has ended; and unreadable if it has no latent although pass 1 has met it, or has ended.
 */
record Tally(String version, SweepState state) {
  static final int MOST_LISTED = 100;

  /** Before the first object is folded. */
  static Tally folding(String version) {
    return new Tally(version, SweepState.newBuilder().setRemoval(false).build());
  }

  /** Before the first latent is removed, of a version that is over since then. */
  static Tally removal(String version, Instant since) {
    return new Tally(version, SweepState.newBuilder().setRemoval(true).setSince(since).build());
  }

  /** Whether it is the removal of a version that is over since then; null: it is not over. */
  boolean isRemovalSince(Instant since) {
    return since != null && since.equals(state.getSince());
  }

  /** Whether objects are being counted, not folded yet. */
  boolean counts() {
    return state.getPass() == 0;
  }

  boolean covers(ObjectState object) {
    return object.getLatents().containsKey(version);
  }

  /** After a change of an object, by an event or by the sweep. Empty: it was not there, or is not any more. */
  Tally changed(String objectId, Optional<ObjectState> before, Optional<ObjectState> after) {
    Standing was = standing(before);
    Standing is = standing(after);
    if (was == is || state.getRemoval()) {
      return this;
    }
    boolean met = state.getComplete() || state.getCursor() != null && compare(objectId, state.getCursor()) <= 0;
    SweepState.Builder next = SweepState.newBuilder(state);
    if (met || state.getPass() > 0) {
      next.setObjects(state.getObjects() - one(was != Standing.ABSENT) + one(is != Standing.ABSENT));
      next.setCovered(state.getCovered() - one(was == Standing.COVERED) + one(is == Standing.COVERED));
    }
    if (met && state.getPass() > 0 || state.getPass() > 1) {
      next.setUnreadable(state.getUnreadable() - one(was == Standing.LACKING) + one(is == Standing.LACKING));
      next.setUnreadableObjects(listed(objectId, is == Standing.LACKING));
    }
    return new Tally(version, next.build());
  }

  /** After the sweep has folded an object. */
  Tally folded(String objectId, ObjectState before, ObjectState after) {
    Tally next = changed(objectId, Optional.of(before), Optional.of(after));
    return new Tally(version, SweepState.newBuilder(next.state).setFolded(state.getFolded() + 1).build());
  }

  /** Through with an object, the next one in the order of keys. */
  Tally passed(String objectId, ObjectState object) {
    SweepState.Builder next = SweepState.newBuilder(state).setCursor(objectId);
    if (!state.getRemoval() && counts()) {
      next.setObjects(state.getObjects() + 1).setCovered(state.getCovered() + one(covers(object)));
    } else if (state.getPass() == 1 && !covers(object)) {
      next.setUnreadable(state.getUnreadable() + 1).setUnreadableObjects(listed(objectId, true));
    }
    return new Tally(version, next.build());
  }

  /** Through with all objects. */
  Tally passEnded() {
    SweepState.Builder next = SweepState.newBuilder(state);
    if (state.getRemoval() || !counts() && state.getFolded() == 0) {
      next.setComplete(true);
    } else {
      next.setPass(state.getPass() + 1).setCursor(null).setFolded(0);
    }
    return new Tally(version, next.build());
  }

  private Standing standing(Optional<ObjectState> object) {
    return object.map(present -> covers(present) ? Standing.COVERED : Standing.LACKING).orElse(Standing.ABSENT);
  }

  private List<String> listed(String objectId, boolean unreadable) {
    List<String> objects = new ArrayList<>(state.getUnreadableObjects());
    objects.remove(objectId);
    if (unreadable && objects.size() < MOST_LISTED) {
      objects.add(objectId);
    }
    return objects;
  }

  /** As the store orders its keys, which is not how Java orders texts. */
  private static int compare(String one, String other) {
    return Bytes.wrap(one.getBytes(StandardCharsets.UTF_8)).compareTo(Bytes.wrap(other.getBytes(StandardCharsets.UTF_8)));
  }

  private static int one(boolean counted) {
    return counted ? 1 : 0;
  }

  private enum Standing { ABSENT, COVERED, LACKING }
}
