package io.accrete.streams.rollout;

import io.accrete.events.RolloutState;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The rollouts at a moment, as an instance sees them.
 *
 * @param live the models to work with; empty while none is loaded that events fold into
 */
record FollowedVersions(SortedMap<String, FollowedVersion> versions, Optional<LiveModels> live) {
  /** The states in which live events fold into a version. */
  static final Set<RolloutState> FOLDED = EnumSet.of(RolloutState.BACKFILLING, RolloutState.ACTIVE, RolloutState.DRAINING);
  static final FollowedVersions NONE = new FollowedVersions(Collections.emptySortedMap(), Optional.empty());

  /**
   * The next moment.
   *
   * @param models those that are loaded, by version
   */
  FollowedVersions next(SortedMap<String, FollowedVersion> versions, Map<String, ServedModel> models) {
    return new FollowedVersions(Collections.unmodifiableSortedMap(versions), live(versions, models));
  }

  private Optional<LiveModels> live(Map<String, FollowedVersion> versions, Map<String, ServedModel> models) {
    List<ServedModel> folding = versions.values().stream()
        .filter(version -> FOLDED.contains(version.state()) && models.containsKey(version.version()))
        .map(version -> models.get(version.version())).toList();
    if (folding.isEmpty()) {
      return Optional.empty();
    }
    // What is ACTIVE is complete; where it is not, as an instance that did not know of it yet had the partition, it becomes so.
    Optional<ServedModel> sweeping = folding.stream().filter(model -> isSwept(versions.get(model.version()))).findFirst()
        .or(() -> active(versions, folding));
    Map<String, Instant> removing = versions.values().stream()
        .filter(version -> RolloutView.isOver(version.state()))
        .collect(Collectors.toMap(FollowedVersion::version, FollowedVersion::since));
    return Optional.of(new LiveModels(serving(versions, folding), folding, sweeping, removing));
  }

  /** The version that is ACTIVE. Half of a flip may be seen before the other, and an application may begin with a sweep. */
  private ServedModel serving(Map<String, FollowedVersion> versions, List<ServedModel> folding) {
    return active(versions, folding)
        .or(() -> live.map(LiveModels::serving).filter(folding::contains))
        .orElse(folding.get(0));
  }

  private static Optional<ServedModel> active(Map<String, FollowedVersion> versions, List<ServedModel> folding) {
    return folding.stream().filter(model -> versions.get(model.version()).state() == RolloutState.ACTIVE).findFirst();
  }

  private static boolean isSwept(FollowedVersion version) {
    return version.state() == RolloutState.BACKFILLING && !version.paused();
  }
}
