package io.accrete.streams.http;

import io.accrete.events.RolloutState;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Gauges of the rollouts, read when they are scraped. They are of the whole application, so every instance says the same; and of the
 * versions from WARMING to DRAINING alone, so that there are few.
 *
 * <ul>
 *   <li>{@code accrete_rollout_coverage{version}}: share of the objects that are folded under it, 0 to 1
 *   <li>{@code accrete_rollout_partition_coverage{version,partition}}: the same of one partition, once it has told
 *   <li>{@code accrete_rollout_unreadable_objects{version}}: objects that cannot be
 *   <li>{@code accrete_rollout_left_seconds{version}}: time until all are, while that can be told
 *   <li>{@code accrete_rollout_serving{version}}: 1 for the version with which this instance answers queries, else 0
 * </ul>
 */
public final class RolloutMetrics {
  private static final Set<RolloutState> SHOWN =
      EnumSet.of(RolloutState.WARMING, RolloutState.BACKFILLING, RolloutState.ACTIVE, RolloutState.DRAINING);

  private RolloutMetrics() {}

  /** Adds the gauges to a registry. */
  public static void bind(PrometheusMeterRegistry meters, ModelQueries models) {
    PrometheusRegistry registry = meters.getPrometheusRegistry();
    gauge("coverage", "Share of the objects that are folded under a model version").labelNames("version")
        .callback(to -> shown(models).forEach(model -> to.call(model.coverage(), model.version()))).register(registry);
    gauge("partition_coverage", "Share of a partition's objects that are folded under a model version").labelNames("version", "partition")
        .callback(to -> shown(models).forEach(model -> model.partitions().forEach(partition ->
            to.call(partition.coverage(), model.version(), Integer.toString(partition.partition()))))).register(registry);
    gauge("unreadable_objects", "Objects that cannot be folded under a model version").labelNames("version")
        .callback(to -> shown(models).forEach(model -> to.call(model.unreadable(), model.version()))).register(registry);
    gauge("left_seconds", "Time until all objects are folded under a model version").labelNames("version")
        .callback(to -> shown(models).forEach(model -> model.left().ifPresent(left -> to.call(left.toSeconds(), model.version()))))
        .register(registry);
    gauge("serving", "Whether this instance answers queries with a model version").labelNames("version")
        .callback(to -> shown(models).forEach(model ->
            to.call(models.serving().filter(model.version()::equals).isPresent() ? 1 : 0, model.version()))).register(registry);
  }

  private static GaugeWithCallback.Builder gauge(String name, String help) {
    return GaugeWithCallback.builder().name("accrete_rollout_" + name).help(help);
  }

  private static List<ModelView> shown(ModelQueries models) {
    return models.versions().stream().filter(model -> SHOWN.contains(model.state())).toList();
  }
}
