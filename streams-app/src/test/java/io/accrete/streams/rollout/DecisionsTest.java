package io.accrete.streams.rollout;

import static io.accrete.events.RolloutAction.ACTIVATE;
import static io.accrete.events.RolloutAction.PAUSE;
import static io.accrete.events.RolloutAction.RESUME;
import static io.accrete.events.RolloutAction.RETIRE;
import static io.accrete.events.RolloutAction.ROLLBACK;
import static io.accrete.events.RolloutState.ACTIVE;
import static io.accrete.events.RolloutState.BACKFILLING;
import static io.accrete.events.RolloutState.DRAINING;
import static io.accrete.events.RolloutState.FAILED;
import static io.accrete.events.RolloutState.WARMING;
import static io.accrete.streams.rollout.Records.START;
import static io.accrete.streams.rollout.Records.command;
import static io.accrete.streams.rollout.Records.coverage;
import static io.accrete.streams.rollout.Records.event;
import static io.accrete.streams.rollout.Records.failed;
import static io.accrete.streams.rollout.Records.ready;
import static io.accrete.streams.rollout.Records.removed;
import static io.accrete.streams.rollout.Records.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionsTest {
  private static final RolloutSettings AUTO =
      new RolloutSettings("v1", true, Duration.ofMinutes(10), 0.01, Duration.ofHours(24), 2);
  private static final RolloutSettings MANUAL =
      new RolloutSettings("v1", false, Duration.ofMinutes(10), 0.01, Duration.ofHours(24), 2);

  private RolloutView view = RolloutView.empty();
  private RolloutSettings settings = AUTO;
  private Application application = new Application(Set.of("a", "b"), true, Set.of());
  private Instant now = START;
  private Optional<String> refusal = Optional.empty();

  @Test
  void shouldBeginAnEmptyApplicationWithTheConfiguredVersion() {
    application = new Application(Set.of(), false, Set.of());
    assertThat(decide()).as("not published yet").isEmpty();
    publish("v1");
    assertThat(decide()).containsExactly("v1 PUBLISHED", "v1 ACTIVE");
    assertThat(view.event("v1").orElseThrow().getCoverage()).isEqualTo(1);
  }

  @Test
  void shouldSweepFirstWhereThereMayBeObjects() {
    publish("v1");
    publish("v2");
    application = new Application(Set.of(), true, Set.of());
    assertThat(decide()).as("what is newer waits for the first").containsExactly("v1 PUBLISHED", "v2 PUBLISHED", "v1 WARMING");
    report(ready("v1", "a"));
    assertThat(decide()).as("no stream threads run yet").containsExactly("v1 BACKFILLING");
    complete("v1", 10, 0);
    report(ready("v2", "a"));
    assertThat(decide()).as("old reports do not count").containsExactly("v1 ACTIVE", "v2 WARMING");
  }

  @Test
  void shouldRollAPublishedVersionOut() {
    given("v1", ACTIVE);
    publish("v2");
    assertThat(decide()).containsExactly("v2 PUBLISHED", "v2 WARMING");
    report(ready("v2", "a"));
    assertThat(decide()).isEmpty();
    report(ready("v2", "b"));
    assertThat(decide()).containsExactly("v2 BACKFILLING");
    report(coverage("v2", 0, 100, 50, 0, false));
    now = now.plusSeconds(5);
    assertThat(decide()).containsExactly("v2 BACKFILLING");
    assertThat(view.event("v2").orElseThrow()).satisfies(event -> {
      assertThat(event.getCoverage()).isEqualTo(0.25);
      assertThat(event.getAt()).as("when the state was entered").isEqualTo(START);
    });
    report(coverage("v2", 0, 1000, 509, 0, false));
    assertThat(decide()).as("less than a percent more").isEmpty();
    report(coverage("v2", 0, 1000, 1000, 0, true));
    assertThat(decide()).containsExactly("v2 BACKFILLING");
    report(coverage("v2", 1, 1000, 995, 5, true));
    assertThat(decide()).containsExactly("v1 DRAINING", "v2 ACTIVE");
    assertThat(view.event("v2").orElseThrow()).satisfies(event -> {
      assertThat(event.getCoverage()).isEqualTo(0.9975);
      assertThat(event.getUnreadable()).isEqualTo(5);
      assertThat(event.getReason()).isEqualTo("all partitions are complete: 1,995 of 2,000 objects covered, 5 unreadable");
    });
  }

  @Test
  void shouldWaitForACommandWhenActivationIsManual() {
    settings = MANUAL;
    given("v1", ACTIVE);
    publish("v2");
    assertThat(decide()).containsExactly("v2 PUBLISHED");
    assertThat(decide(ACTIVATE, "v2")).containsExactly("v2 WARMING");
  }

  @Test
  void shouldSupersedeByWhatIsNewer() {
    given("v1", ACTIVE);
    publish("v2");
    publish("v3");
    assertThat(decide()).as("two at once").containsExactly("v2 PUBLISHED", "v3 PUBLISHED", "v3 WARMING");
    publish("v4");
    assertThat(decide()).containsExactly("v4 PUBLISHED", "v3 FAILED", "v4 WARMING");
    assertThat(reason("v3")).isEqualTo("superseded by v4");
    allReady("v4");
    decide();
    publish("v5");
    assertThat(decide()).as("half-way").containsExactly("v5 PUBLISHED", "v4 FAILED", "v5 WARMING");
    assertThat(decide(ACTIVATE, "v2")).as("what a person wants now is newer").containsExactly("v5 FAILED", "v2 WARMING");
  }

  @ParameterizedTest
  @CsvSource({"WARMING", "BACKFILLING", "ACTIVE", "DRAINING", "RETIRED", "FAILED"})
  void shouldLeaveAVersionThatIsPublishedAgain(RolloutState state) {
    given("v1", state == ACTIVE ? DRAINING : ACTIVE);
    given("v2", state);
    publish("v2");
    assertThat(decide()).isEmpty();
  }

  @Test
  void shouldFailWhenAnInstanceIsNotReadyInTime() {
    given("v1", ACTIVE);
    given("v2", WARMING);
    report(ready("v2", "b"));
    now = START.plus(AUTO.warmingTimeout()).minusMillis(1);
    assertThat(decide()).isEmpty();
    now = now.plusMillis(1);
    assertThat(decide()).containsExactly("v2 FAILED");
    assertThat(reason("v2")).isEqualTo("not ready within 600 s: a. See the logs of the instances, and raise rollout.warming.timeout.ms if "
        + "they need longer");
  }

  @Test
  void shouldFailWhenNobodyIsThereInTime() {
    given("v1", ACTIVE);
    given("v2", WARMING);
    application = new Application(Set.of(), false, Set.of());
    assertThat(decide()).isEmpty();
    now = START.plus(AUTO.warmingTimeout());
    assertThat(decide()).containsExactly("v2 FAILED");
    assertThat(reason("v2")).startsWith("no instance was ready within 600 s");
  }

  @ParameterizedTest
  @CsvSource({"WARMING", "BACKFILLING"})
  void shouldFailWhenAnInstanceCannotUseTheModel(RolloutState state) {
    given("v1", ACTIVE);
    given("v2", state);
    report(ready("v2", "a"));
    report(failed("v2", "b", "encoder.onnx has another hash"));
    assertThat(decide()).containsExactly("v2 FAILED");
    assertThat(reason("v2")).isEqualTo("instance-b: encoder.onnx has another hash");
  }

  @Test
  void shouldLeaveWhatServesWhenAnInstanceCannotUseTheModel() {
    given("v1", DRAINING);
    given("v2", ACTIVE);
    report(failed("v1", "b", "no memory"));
    report(failed("v2", "b", "no memory"));
    assertThat(decide()).isEmpty();
  }

  @Test
  void shouldFailAboveTheThresholdOfUnreadableObjects() {
    given("v1", ACTIVE);
    given("v2", BACKFILLING);
    report(coverage("v2", 0, 1000, 900, 100, true));
    assertThat(decide()).as("it may still be few of all").containsExactly("v2 BACKFILLING");
    report(coverage("v2", 1, 1000, 1000, 0, true));
    assertThat(decide()).containsExactly("v2 FAILED");
    assertThat(reason("v2")).startsWith("100 of 2,000 objects cannot be read (5.00 %); allowed are 1.00 %. 'accrete models status v2' ");
    assertThat(view.event("v2").orElseThrow().getUnreadable()).isEqualTo(100);
  }

  @Test
  void shouldTolerateTheThresholdItself() {
    given("v1", ACTIVE);
    given("v2", BACKFILLING);
    complete("v2", 99, 1);
    assertThat(decide()).containsExactly("v1 DRAINING", "v2 ACTIVE");
  }

  @Test
  void shouldNotFlipWhilePaused() {
    given("v1", ACTIVE);
    given("v2", BACKFILLING);
    assertThat(decide(PAUSE, null)).containsExactly("v2 BACKFILLING paused");
    complete("v2", 100, 0);
    assertThat(decide()).containsExactly("v2 BACKFILLING paused");
    assertThat(decide(RESUME, "v2")).containsExactly("v2 BACKFILLING", "v1 DRAINING", "v2 ACTIVE");
  }

  @Test
  void shouldRetireWhatHasDrained() {
    given("v1", DRAINING);
    given("v2", ACTIVE);
    now = START.plus(AUTO.draining()).minusMillis(1);
    assertThat(decide()).isEmpty();
    now = now.plusMillis(1);
    assertThat(decide()).containsExactly("v1 RETIRED");
  }

  @Test
  void shouldRollBackToTheLatestOrTheNamed() {
    given("v1", DRAINING);
    given("v2", DRAINING);
    given("v3", ACTIVE);
    assertThat(decide(ROLLBACK, null)).containsExactly("v3 DRAINING", "v2 ACTIVE");
    assertThat(decide(ROLLBACK, "v1")).containsExactly("v2 DRAINING", "v1 ACTIVE");
    assertThat(decide(ROLLBACK, null)).as("there and back").containsExactly("v1 DRAINING", "v2 ACTIVE");
  }

  @Test
  void shouldTryAgainOnlyWhenNothingIsLeft() {
    given("v1", ACTIVE);
    given("v2", FAILED);
    application = new Application(Set.of("a"), true, Set.of("v2"));
    report(coverage("v2", 0, 5, 5, 0, true));
    report(removed("v2", 1));
    assertThat(decide(ACTIVATE, "v2")).isEmpty();
    assertThat(refusal).hasValueSatisfying(reason -> assertThat(reason).contains("since it was FAILED is still being removed"));
    application = new Application(Set.of("a"), true, Set.of());
    assertThat(decide(ACTIVATE, "v2")).containsExactly("v2 WARMING");
    assertThat(view.reports("v2")).as("of the last time").isEmpty();
    allReady("v2");
    assertThat(decide()).containsExactly("v2 BACKFILLING");
  }

  @Test
  void shouldTryTheOnlyVersionAgain() {
    given("v1", FAILED);
    application = new Application(Set.of(), true, Set.of("v1"));
    assertThat(decide()).as("not by itself").isEmpty();
    assertThat(decide(ACTIVATE, "v1")).as("nobody works on events, so nobody removes").containsExactly("v1 WARMING");
  }

  /** What each command does with a version in each state, beside another that is active (or draining where it is the active one). */
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "ACTIVATE | PUBLISHED   | v2 WARMING",
    "ACTIVATE | WARMING     | ! v2 is WARMING: it is being rolled out already.",
    "ACTIVATE | BACKFILLING | ! v2 is BACKFILLING: it is being rolled out already.",
    "ACTIVATE | ACTIVE      | ! v2 is ACTIVE already.",
    "ACTIVATE | DRAINING    | ! v2 is DRAINING and complete: 'accrete models rollback v2' makes it active at once.",
    "ACTIVATE | RETIRED     | v2 WARMING",
    "ACTIVATE | FAILED      | v2 WARMING",
    "ROLLBACK | PUBLISHED   | ! v2 is PUBLISHED; only a version that is DRAINING can be gone back to (none is).",
    "ROLLBACK | WARMING     | ! v2 is WARMING; only a version that is DRAINING can be gone back to (none is).",
    "ROLLBACK | BACKFILLING | ! v2 is BACKFILLING; only a version that is DRAINING can be gone back to (none is).",
    "ROLLBACK | ACTIVE      | ! v2 is ACTIVE; only a version that is DRAINING can be gone back to (now: v1).",
    "ROLLBACK | DRAINING    | v1 DRAINING, v2 ACTIVE",
    "ROLLBACK | RETIRED     | ! v2 is RETIRED; only a version that is DRAINING can be gone back to (none is).",
    "ROLLBACK | FAILED      | ! v2 is FAILED; only a version that is DRAINING can be gone back to (none is).",
    "RETIRE   | PUBLISHED   | v2 RETIRED",
    "RETIRE   | WARMING     | v2 RETIRED",
    "RETIRE   | BACKFILLING | v2 RETIRED",
    "RETIRE   | ACTIVE      | ! v2 is ACTIVE: it can be retired when another version has taken its place.",
    "RETIRE   | DRAINING    | v2 RETIRED",
    "RETIRE   | RETIRED     | ! v2 is RETIRED already.",
    "RETIRE   | FAILED      | v2 RETIRED",
    "PAUSE    | PUBLISHED   | ! v2 is PUBLISHED; only the sweep of a version that is BACKFILLING can be paused and resumed.",
    "PAUSE    | WARMING     | ! v2 is WARMING; only the sweep of a version that is BACKFILLING can be paused and resumed.",
    "PAUSE    | BACKFILLING | v2 BACKFILLING paused",
    "PAUSE    | ACTIVE      | ! v2 is ACTIVE; only the sweep of a version that is BACKFILLING can be paused and resumed.",
    "PAUSE    | DRAINING    | ! v2 is DRAINING; only the sweep of a version that is BACKFILLING can be paused and resumed.",
    "PAUSE    | RETIRED     | ! v2 is RETIRED; only the sweep of a version that is BACKFILLING can be paused and resumed.",
    "PAUSE    | FAILED      | ! v2 is FAILED; only the sweep of a version that is BACKFILLING can be paused and resumed.",
    "RESUME   | BACKFILLING | ! The sweep of v2 is not paused.",
    "RESUME   | ACTIVE      | ! v2 is ACTIVE; only the sweep of a version that is BACKFILLING can be paused and resumed."})
  void shouldCarryOutOrRefuse(RolloutAction action, RolloutState state, String expected) {
    settings = MANUAL;
    given("v1", state == ACTIVE ? DRAINING : ACTIVE);
    given("v2", state);
    List<String> decided = decide(action, "v2");
    assertThat(refusal.map(reason -> "! " + reason).orElse(String.join(", ", decided))).isEqualTo(expected);
  }

  @Test
  void shouldRefuseWhatHasNoVersion() {
    given("v1", ACTIVE);
    for (RolloutAction action : List.of(ROLLBACK, PAUSE, RESUME, ACTIVATE, RETIRE)) {
      assertThat(decide(action, null)).isEmpty();
      assertThat(refusal).hasValueSatisfying(reason -> assertThat(reason).endsWith("'accrete models list' shows what there is."));
    }
    assertThat(decide(ACTIVATE, "v9")).isEmpty();
    assertThat(refusal).contains("v9 is not published. 'accrete models list' shows what there is.");
    given("v2", FAILED);
    view = view.withVersion("v2", null);
    assertThat(decide(ACTIVATE, "v2")).isEmpty();
    assertThat(refusal).contains("v2 is not published any more. Publish it again.");
  }

  private void publish(String version) {
    view = view.withVersion(version, version(version));
  }

  private void given(String version, RolloutState state) {
    publish(version);
    view = view.withEvent(version, event(version, state));
  }

  private void report(RolloutReport report) {
    view = Records.with(view, report);
  }

  private void allReady(String version) {
    application.instances().forEach(instance -> report(ready(version, instance)));
  }

  private void complete(String version, long covered, long unreadable) {
    report(coverage(version, 0, covered + unreadable, covered, unreadable, true));
    report(coverage(version, 1, 0, 0, 0, true));
  }

  private String reason(String version) {
    return view.event(version).orElseThrow().getReason();
  }

  private List<String> decide() {
    return decide((RolloutCommand) null);
  }

  private List<String> decide(RolloutAction action, String version) {
    return decide(command(action, version));
  }

  /** Decides, takes the outcome for known, and sees to it that nothing more follows. */
  private List<String> decide(RolloutCommand command) {
    Decision decision = Decisions.decide(view, application, command, now, settings);
    refusal = decision.refusal();
    List<String> told = new ArrayList<>();
    for (RolloutEvent event : decision.events()) {
      view = view.decided(event);
      told.add(event.getModelVersion() + " " + event.getState() + (event.getPaused() ? " paused" : ""));
    }
    assertThat(Decisions.decide(view, application, null, now, settings).events()).as("deciding again").isEmpty();
    return told;
  }
}
