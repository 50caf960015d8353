package io.accrete.subscriber;

import io.accrete.events.RolloutState;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which model version is ACTIVE, from the records of the rollouts topic in their order. */
final class ActiveVersion {
  private final Set<String> active = new LinkedHashSet<>();
  private String latest;

  /** Takes a record in; {@code state} is null where the record is removed. */
  void apply(String modelVersion, RolloutState state) {
    active.remove(modelVersion);
    if (state == RolloutState.ACTIVE) {
      active.add(modelVersion);
    }
    for (String version : active) {
      latest = version;
    }
  }

  /**
   * The version that became ACTIVE last; null if none ever was. A flip is two records of one transaction, which may come one by one: while
   * neither or both versions are ACTIVE, it is half read.
   */
  String version() {
    return latest;
  }
}
