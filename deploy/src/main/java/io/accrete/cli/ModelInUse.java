package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ModelVersion;
import io.accrete.events.RolloutState;
import io.accrete.streams.fetch.BundleFetcher;
import io.accrete.streams.rollout.RolloutReader;
import io.accrete.streams.rollout.RolloutView;
import io.accrete.topics.Topics;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The model that a command works with.
 *
 * @param origin what makes it that, for a person
 * @param bundle has it brought to this machine unless it is here, verified
 */
record ModelInUse(String version, String origin, Supplier<Bundle> bundle) {
  private static final Set<RolloutState> UNDER_WAY = EnumSet.of(RolloutState.PUBLISHED, RolloutState.WARMING, RolloutState.BACKFILLING);

  /** The bundle of that name, as {@link Bundles#named} knows it. */
  static ModelInUse named(String name, AccreteConfig config) {
    return of(Bundles.named(name, config), "named");
  }

  /** The bundle that the configuration names. */
  static ModelInUse configured(AccreteConfig config) {
    return of(Bundles.configured(config), "configured");
  }

  /** The version that is ACTIVE in the application; the configured bundle where it has none. */
  static ModelInUse active(AccreteConfig config) {
    return active(rollouts(config), config);
  }

  /** The model to be beaten: what was published last as long as it may yet become ACTIVE, else what is. */
  static ModelInUse toBeat(Optional<Bundle> last, AccreteConfig config) {
    RolloutView rollouts = rollouts(config);
    return last.filter(bundle -> rollouts.state(bundle.version()).filter(UNDER_WAY::contains).isPresent())
        .map(bundle -> of(bundle, "published last")).orElseGet(() -> active(rollouts, config));
  }

  private static ModelInUse active(RolloutView rollouts, AccreteConfig config) {
    return rollouts.latest(RolloutState.ACTIVE)
        .map(event -> new ModelInUse(event.getModelVersion(), "ACTIVE", () -> fetched(rollouts, event.getModelVersion(), config)))
        .orElseGet(() -> of(Bundles.configured(config), "configured; no version is ACTIVE"));
  }

  private static ModelInUse of(Bundle bundle, String origin) {
    return new ModelInUse(bundle.version(), origin, () -> bundle);
  }

  /** What the topics say; nothing where there are none yet. */
  private static RolloutView rollouts(AccreteConfig config) {
    Topics topics = new Topics(config);
    try (Cluster cluster = Cluster.connect(config)) {
      if (!cluster.await(cluster.admin().listTopics().names())
          .containsAll(List.of(topics.modelVersions(), topics.modelRollouts(), topics.rolloutReports()))) {
        return RolloutView.empty();
      }
    }
    try (RolloutReader reader = new RolloutReader(config)) {
      return reader.catchUp();
    }
  }

  private static Bundle fetched(RolloutView rollouts, String version, AccreteConfig config) {
    ModelVersion published = rollouts.version(version).orElseThrow(() -> new IllegalStateException("Model " + version
        + " is ACTIVE, and no such version is published. Publish its bundle again."));
    Bundle configured = Bundles.configured(config);
    if (configured.manifestSha256().equals(published.getManifestSha256())) {
      return configured;
    }
    try (BundleFetcher fetcher = new BundleFetcher(config)) {
      return fetcher.fetch(published);
    }
  }

  @Override
  public String toString() {
    return version + " (" + origin + ")";
  }
}
