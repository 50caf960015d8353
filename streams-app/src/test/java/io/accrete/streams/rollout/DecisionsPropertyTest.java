package io.accrete.streams.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random sequences of records, commands and time: what must hold whatever happens. */
class DecisionsPropertyTest {
  private static final int SEQUENCES = 50;
  private static final int STEPS = 400;
  private static final int PARTITIONS = 2;
  private static final List<String> VERSIONS = List.of("v1", "v2", "v3", "v4");
  private static final List<String> INSTANCES = List.of("a", "b");

  private final Set<RolloutState> reached = EnumSet.noneOf(RolloutState.class);
  private int flips;
  private int refusals;

  @Test
  void shouldHoldWhateverHappens() {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      play(new Random(seed), seed);
    }
    assertThat(reached).as("the sequences go everywhere").containsExactlyInAnyOrder(RolloutState.values());
    assertThat(flips).isGreaterThan(SEQUENCES);
    assertThat(refusals).isGreaterThan(SEQUENCES);
  }

  private void play(Random random, int seed) {
    RolloutSettings settings = new RolloutSettings("v1", random.nextBoolean(), Duration.ofMinutes(10), 0.1, Duration.ofHours(1),
        PARTITIONS);
    RolloutView view = RolloutView.empty();
    Instant now = Records.START;
    for (int step = 0; step < STEPS; step++) {
      String where = "sequence " + seed + ", step " + step;
      now = now.plusSeconds(random.nextInt(50) == 0 ? random.nextInt(4000) : 1);
      view = happen(view, random);
      Application application = application(random);
      RolloutCommand command = random.nextInt(8) == 0 ? command(random) : null;
      boolean served = count(view, RolloutState.ACTIVE) == 1;
      Decision decision = Decisions.decide(view, application, command, now, settings);
      refusals += decision.refusal().isPresent() ? 1 : 0;
      view = apply(view, decision, where);
      assertThat(count(view, RolloutState.ACTIVE)).as(where).isLessThanOrEqualTo(1).isGreaterThanOrEqualTo(served ? 1 : 0);
      assertThat(count(view, RolloutState.WARMING) + count(view, RolloutState.BACKFILLING)).as(where).isLessThanOrEqualTo(1);
      assertThat(Decisions.decide(view, application, null, now, settings).events()).as(where).isEmpty();
    }
  }

  private RolloutView apply(RolloutView before, Decision decision, String where) {
    RolloutView view = before;
    for (RolloutEvent event : decision.events()) {
      RolloutState from = view.event(event.getModelVersion()).map(RolloutEvent::getState).orElse(null);
      boolean refreshed = from == event.getState() && from == RolloutState.BACKFILLING;
      assertThat(refreshed || Transitions.isLegal(from, event.getState())).as("%s: %s to %s", where, from, event).isTrue();
      assertThat(event.getReason()).as(where).isNotBlank();
      assertThat(event.getCoverage()).as(where).isBetween(0.0, 1.0);
      flips += from != event.getState() && event.getState() == RolloutState.ACTIVE ? 1 : 0;
      reached.add(event.getState());
      view = view.decided(event);
    }
    return view;
  }

  private static RolloutView happen(RolloutView view, Random random) {
    String version = VERSIONS.get(random.nextInt(VERSIONS.size()));
    String instance = INSTANCES.get(random.nextInt(INSTANCES.size()));
    int partition = random.nextInt(PARTITIONS);
    return switch (random.nextInt(12)) {
      case 0 -> view.withVersion(version, Records.version(version));
      case 1, 2, 3, 4 -> Records.with(view, Records.ready(version, instance));
      case 5 -> random.nextInt(10) > 0 ? view : Records.with(view, Records.failed(version, instance, "it cannot"));
      case 6 -> Records.with(view, Records.removed(version, partition));
      case 7 -> Records.with(view, Records.coverage(version, partition, 100, random.nextInt(100), 0, false));
      case 8, 9, 10 -> complete(view, version, partition, random.nextInt(random.nextInt(5) == 0 ? 40 : 5));
      default -> view;
    };
  }

  private static RolloutView complete(RolloutView view, String version, int partition, int unreadable) {
    return Records.with(view, Records.coverage(version, partition, 100, 100 - unreadable, unreadable, true));
  }

  private static Application application(Random random) {
    Set<String> instances = new HashSet<>(INSTANCES);
    instances.removeIf(any -> random.nextInt(4) == 0);
    return new Application(instances, random.nextBoolean(), random.nextBoolean() ? Set.of() : Set.copyOf(VERSIONS));
  }

  private static RolloutCommand command(Random random) {
    RolloutAction[] actions = RolloutAction.values();
    return Records.command(actions[random.nextInt(actions.length)],
        random.nextInt(4) == 0 ? null : VERSIONS.get(random.nextInt(VERSIONS.size())));
  }

  private static long count(RolloutView view, RolloutState state) {
    return view.events().stream().filter(event -> event.getState() == state).count();
  }
}
