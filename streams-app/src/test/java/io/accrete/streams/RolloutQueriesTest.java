package io.accrete.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.events.ModelVersion;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import io.accrete.streams.http.InstanceMetrics;
import io.accrete.streams.http.ModelView;
import io.accrete.streams.http.RolloutMetrics;
import io.accrete.streams.rollout.RolloutView;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutQueriesTest {
  private final Instant since = Instant.now().minus(100, ChronoUnit.SECONDS).truncatedTo(ChronoUnit.MILLIS);
  private RolloutView view = RolloutView.empty();
  private final RolloutQueries queries = new RolloutQueries(() -> view, Optional::empty, 2);

  private void publish(String version) {
    view = view.withVersion(version, ModelVersion.newBuilder().setModelVersion(version).setBundleUri("file:///models/" + version)
        .setEncoderSha256("e").setAggregatorSha256("a").setManifestSha256("m").setEmbeddingDimension(12).setStateTokens(1)
        .setTokenDimension(12).setImageSize(16).setPublishedAt(since).build());
  }

  private void enter(String version, RolloutState state, double coverage) {
    view = view.withEvent(version, RolloutEvent.newBuilder().setModelVersion(version).setState(state).setCoverage(coverage)
        .setReason("because").setAt(since).build());
  }

  private void cover(String version, int partition, long objects, long covered, long unreadable) {
    RolloutReport report = RolloutReport.newBuilder().setModelVersion(version).setReporter("partition-" + partition)
        .setKind(ReportKind.COVERAGE).setObjects(objects).setCovered(covered).setUnreadable(unreadable).setAt(since).build();
    view = view.withReport(version + "/" + report.getReporter(), report);
  }

  @Test
  void shouldTellHowFarAVersionIs() {
    publish("v1");
    publish("v2");
    publish("v3");
    enter("v2", RolloutState.BACKFILLING, 0.2);
    enter("v1", RolloutState.ACTIVE, 1);
    cover("v2", 0, 100, 40, 1);
    cover("v2", 1, 100, 10, 0);

    List<ModelView> versions = queries.versions();
    assertThat(versions).extracting(ModelView::version).as("the newest last").containsExactly("v1", "v2", "v3");
    assertThat(versions).extracting(ModelView::state)
        .containsExactly(RolloutState.ACTIVE, RolloutState.BACKFILLING, RolloutState.PUBLISHED);
    assertThat(versions).extracting(ModelView::coverage).containsExactly(1.0, 0.25, 0.0);
    ModelView swept = versions.get(1);
    assertThat(swept.left().orElseThrow()).as("a quarter took 100 s").isBetween(Duration.ofSeconds(300), Duration.ofSeconds(600));
    assertThat(swept.partitions()).containsExactly(new ModelView.Partition(0, 0.4, 100, 40, 1, false),
        new ModelView.Partition(1, 0.1, 100, 10, 0, false));
    assertThat(versions.get(0).left()).isEmpty();
    assertThat(queries.serving()).as("no model is loaded").isEmpty();
  }

  @Test
  void shouldShowTheVersionsThatAreLiveAsGauges() {
    PrometheusMeterRegistry meters = InstanceMetrics.registry();
    RolloutMetrics.bind(meters, queries);
    publish("v1");
    publish("v2");
    enter("v1", RolloutState.ACTIVE, 1);
    enter("v2", RolloutState.BACKFILLING, 0);
    cover("v2", 1, 100, 50, 3);
    assertThat(meters.scrape()).contains("accrete_rollout_coverage{version=\"v1\"} 1.0", "accrete_rollout_coverage{version=\"v2\"} 0.25",
        "accrete_rollout_partition_coverage{partition=\"1\",version=\"v2\"} 0.5", "accrete_rollout_unreadable_objects{version=\"v2\"} 3.0",
        "accrete_rollout_left_seconds{version=\"v2\"} ", "accrete_rollout_serving{version=\"v1\"} 0.0")
        .doesNotContain("accrete_rollout_left_seconds{version=\"v1\"}");

    enter("v2", RolloutState.FAILED, 0.25);
    assertThat(meters.scrape()).contains("version=\"v1\"").doesNotContain("version=\"v2\"");
  }
}
