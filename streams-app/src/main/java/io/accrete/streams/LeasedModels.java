package io.accrete.streams;

import io.accrete.runtime.ModelException;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.rollout.RolloutFollower;
import java.util.function.Supplier;

/** The models of an instance for one task, which keeps open what it was told until it asks again. */
final class LeasedModels implements ModelSource {
  private final Supplier<RolloutFollower> follower;
  private RolloutFollower.Lease lease; // null: none

  /** @param follower asked only when the models are */
  LeasedModels(Supplier<RolloutFollower> follower) {
    this.follower = follower;
  }

  @Override
  public LiveModels now() {
    RolloutFollower followed = follower.get();
    if (lease == null || lease.versions() != followed.current()) {
      RolloutFollower.Lease next = followed.acquire(); // before the old one ends: most models are in both
      close();
      lease = next;
    }
    return lease.live().orElseThrow(() -> new ModelException("No model is loaded that events could be folded under."));
  }

  @Override
  public void close() {
    if (lease != null) {
      lease.close();
      lease = null;
    }
  }
}
