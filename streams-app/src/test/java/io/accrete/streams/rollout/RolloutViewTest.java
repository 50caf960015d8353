package io.accrete.streams.rollout;

import static io.accrete.streams.rollout.Records.coverage;
import static io.accrete.streams.rollout.Records.event;
import static io.accrete.streams.rollout.Records.failed;
import static io.accrete.streams.rollout.Records.ready;
import static io.accrete.streams.rollout.Records.removed;
import static io.accrete.streams.rollout.Records.version;
import static io.accrete.streams.rollout.Records.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.events.ModelVersion;
import io.accrete.events.RolloutState;
import java.time.Instant;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RolloutViewTest {
  @Test
  void shouldKeepTheLatestOfEachKeyInTheOrderOfTheTopic() {
    RolloutView view = RolloutView.empty().withVersion("v1", version("v1")).withVersion("v2", version("v2"));
    RolloutView again = view.withVersion("v1", version("v1"));
    assertThat(view.versions()).extracting(ModelVersion::getModelVersion).containsExactly("v1", "v2");
    assertThat(again.versions()).extracting(ModelVersion::getModelVersion).containsExactly("v2", "v1");
    assertThat(again.withVersion("v2", null).versions()).extracting(ModelVersion::getModelVersion).containsExactly("v1");
    assertThat(again.state("v2")).contains(RolloutState.PUBLISHED);
    assertThat(again.state("v3")).isEmpty();
    RolloutView rolling = again.withEvent("v2", event("v2", RolloutState.WARMING));
    assertThat(rolling.state("v2")).contains(RolloutState.WARMING);
    assertThat(rolling.rolling()).contains(event("v2", RolloutState.WARMING));
    assertThat(rolling.withEvent("v2", null).rolling()).isEmpty();
  }

  @Test
  void shouldAddUpWhatPartitionsSay() {
    RolloutView one = with(RolloutView.empty(), coverage("v2", 0, 100, 40, 1, false));
    assertThat(one.coverage("v2", 2)).isEqualTo(new Coverage(100, 40, 1, 0, 1, 2));
    assertThat(one.coverage("v2", 2).share()).as("the other is taken for as large").isCloseTo(0.2, Offset.offset(1e-9));
    RolloutView both = with(with(one, coverage("v2", 1, 300, 300, 0, true)), coverage("v2", 7, 10, 0, 0, false));
    assertThat(both.coverage("v2", 2)).as("of partitions that exist").isEqualTo(new Coverage(400, 340, 1, 1, 2, 2));
    assertThat(both.coverage("v2", 2).isComplete()).isFalse();
    RolloutView complete = with(both, coverage("v2", 0, 100, 99, 1, true));
    assertThat(complete.coverage("v2", 2).isComplete()).isTrue();
    assertThat(complete.coverage("v2", 2).unreadableShare()).isEqualTo(1 / 400.0);
    assertThat(with(complete, removed("v2", 0)).coverage("v2", 2).isComplete()).isFalse();
    assertThat(RolloutView.empty().coverage("v2", 2).share()).isZero();
    assertThat(with(RolloutView.empty(), coverage("v2", 0, 0, 0, 0, true)).coverage("v2", 1).share()).as("no objects").isEqualTo(1);
  }

  @Test
  void shouldTellInstancesFromPartitions() {
    RolloutView view = with(with(with(RolloutView.empty(), ready("v2", "b")), ready("v2", "a")), failed("v2", "c", "no"));
    assertThat(view.ready("v2")).containsExactly("a", "b");
    assertThat(view.failures("v2")).containsExactly(failed("v2", "c", "no"));
    assertThat(with(view, ready("v2", "c")).failures("v2")).as("the latest counts").isEmpty();
    RolloutView over = view.withEvent("v2", event("v2", RolloutState.FAILED));
    assertThat(with(over, removed("v2", 0)).isRemoved("v2", 2)).isFalse();
    assertThat(with(with(over, removed("v2", 0)), removed("v2", 1)).isRemoved("v2", 2)).isTrue();
    assertThat(with(with(over, removed("v2", 0)), removed("v2", 2)).isRemoved("v2", 2)).isFalse();
    assertThat(with(with(over, removed("v2", 0)), removed("v2", 1, Instant.EPOCH)).isRemoved("v2", 2)).as("it is of the time before")
        .isFalse();
    assertThat(view.withReport("v2/instance-a", null).ready("v2")).containsExactly("b");
    assertThat(view.withReport("nobody", ready("v2", "d")).ready("v2")).containsExactly("a", "b");
  }
}
