package io.accrete.streams;

import io.accrete.events.ModelVersion;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.http.ModelQueries;
import io.accrete.streams.http.ModelView;
import io.accrete.streams.rollout.Coverage;
import io.accrete.streams.rollout.RolloutView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Tells of the model versions what the rollouts' topics say. */
final class RolloutQueries implements ModelQueries {
  private final Supplier<RolloutView> rollouts;
  private final Supplier<Optional<LiveModels>> models;
  private final int partitions;

  RolloutQueries(Supplier<RolloutView> rollouts, Supplier<Optional<LiveModels>> models, int partitions) {
    this.rollouts = rollouts;
    this.models = models;
    this.partitions = partitions;
  }

  @Override
  public List<ModelView> versions() {
    RolloutView view = rollouts.get();
    Instant now = Instant.now();
    return view.versions().stream().map(model -> view.event(model.getModelVersion()).map(event -> view(view, model, event, now))
        .orElseGet(() -> published(model))).toList();
  }

  @Override
  public Optional<String> serving() {
    return models.get().map(live -> live.serving().version());
  }

  private ModelView view(RolloutView view, ModelVersion model, RolloutEvent event, Instant now) {
    String version = event.getModelVersion();
    Coverage swept = view.coverage(version, partitions);
    boolean moves = event.getState() == RolloutState.BACKFILLING && swept.reported() > 0; // the event tells each percent only
    double share = moves ? swept.share() : event.getCoverage();
    return new ModelView(version, event.getState(), event.getPaused(), event.getAt(), event.getReason(), share,
        moves ? swept.unreadable() : event.getUnreadable(), Coverage.left(share, event, now), partitions(view, version),
        Optional.ofNullable(model.getParent()), model.getPublishedAt(), model.getMetrics());
  }

  private List<ModelView.Partition> partitions(RolloutView view, String version) {
    return view.partitionReports(version, partitions).entrySet().stream()
        .filter(report -> report.getValue().getKind() == ReportKind.COVERAGE)
        .map(report -> new ModelView.Partition(report.getKey(), Coverage.of(report.getValue()).share(), report.getValue().getObjects(),
            report.getValue().getCovered(), report.getValue().getUnreadable(), report.getValue().getComplete())).toList();
  }

  /** Nobody has taken it up yet. */
  private static ModelView published(ModelVersion model) {
    return new ModelView(model.getModelVersion(), RolloutState.PUBLISHED, false, model.getPublishedAt(),
        "published at " + model.getBundleUri(), 0, 0, Optional.empty(), List.of(), Optional.ofNullable(model.getParent()),
        model.getPublishedAt(), model.getMetrics());
  }
}
