package io.accrete.streams.rollout;

import static io.accrete.events.RolloutState.ACTIVE;
import static io.accrete.events.RolloutState.BACKFILLING;
import static io.accrete.events.RolloutState.DRAINING;
import static io.accrete.events.RolloutState.FAILED;
import static io.accrete.events.RolloutState.PUBLISHED;
import static io.accrete.events.RolloutState.RETIRED;
import static io.accrete.events.RolloutState.WARMING;

import io.accrete.config.ConfigKeys;
import io.accrete.events.ModelVersion;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What follows from what is known: a pure function, so that whoever decides next decides the same. It goes on until nothing more follows;
 * deciding again on the outcome yields nothing.
 */
final class Decisions {
  private final Application application;
  private final Instant now;
  private final RolloutSettings settings;
  private final List<RolloutEvent> events = new ArrayList<>();
  private RolloutView view;

  private Decisions(RolloutView view, Application application, Instant now, RolloutSettings settings) {
    this.view = view;
    this.application = application;
    this.now = now;
    this.settings = settings;
  }

  /**
   * Decides.
   *
   * @param command what a person wants; null: nothing
   */
  static Decision decide(RolloutView view, Application application, RolloutCommand command, Instant now, RolloutSettings settings) {
    Decisions decisions = new Decisions(view, application, now, settings);
    decisions.settle();
    Optional<String> refusal = Optional.empty();
    if (command != null) {
      refusal = Commands.refusal(decisions.view, command, application.withTopic());
      if (refusal.isEmpty()) {
        decisions.carryOut(command.getAction(), Commands.target(decisions.view, command).orElseThrow());
        decisions.settle();
      }
    }
    return new Decision(decisions.events, refusal);
  }

  private void settle() {
    int before;
    do {
      before = events.size();
      takeUpPublished();
      beginFirst();
      beginNewest();
      view.latest(WARMING).ifPresent(this::warm);
      view.latest(BACKFILLING).ifPresent(this::backfill);
      retireDrained();
    } while (events.size() > before);
  }

  private void carryOut(RolloutAction action, String version) {
    switch (action) {
      case ACTIVATE -> begin(version, "activated by command");
      case ROLLBACK -> flip(version, "rolled back by command");
      case RETIRE -> enter(version, RETIRED, "retired by command");
      case PAUSE, RESUME -> rest(view.event(version).orElseThrow(), action == RolloutAction.PAUSE);
    }
  }

  private void takeUpPublished() {
    for (ModelVersion model : view.versions()) {
      if (view.event(model.getModelVersion()).isEmpty()) {
        enter(model.getModelVersion(), PUBLISHED, "published at " + model.getBundleUri());
      }
    }
  }

  /** Without an active version the application begins with the configured one. */
  private void beginFirst() {
    if (view.latest(ACTIVE).isPresent() || view.rolling().isPresent() || !isPublished(settings.configured())) {
      return;
    }
    if (application.hasHistory()) {
      begin(settings.configured(), "configured, and no version is active; there may be objects, which are swept first");
    } else {
      enter(settings.configured(), ACTIVE, 1, 0, "configured, and the first version of this application");
    }
  }

  /** The newest version only: one that was overtaken before its turn came waits for a command. */
  private void beginNewest() {
    List<ModelVersion> versions = view.versions();
    if (!settings.automatic() || versions.isEmpty() || view.latest(ACTIVE).isEmpty()) {
      return;
    }
    String newest = versions.get(versions.size() - 1).getModelVersion();
    if (isPublished(newest)) {
      begin(newest, "newest published version (" + ConfigKeys.ROLLOUT_ACTIVATION + "=auto)");
    }
  }

  private boolean isPublished(String version) {
    return view.version(version).isPresent() && view.event(version).filter(event -> event.getState() == PUBLISHED).isPresent();
  }

  private void begin(String version, String reason) {
    view.rolling().ifPresent(other -> enter(other.getModelVersion(), FAILED, "superseded by " + version));
    enter(version, WARMING, reason);
  }

  private void warm(RolloutEvent warming) {
    String version = warming.getModelVersion();
    if (failed(version)) {
      return;
    }
    Set<String> ready = view.ready(version);
    Set<String> missing = new TreeSet<>(application.instances());
    missing.removeAll(ready);
    // An instance that is not in the group yet, as no version could be served, counts too: it starts when there is something to fold.
    if (missing.isEmpty() && !ready.isEmpty()) {
      enter(version, BACKFILLING, "ready on " + ready.size() + (ready.size() == 1 ? " instance" : " instances"));
    } else if (isOver(warming, settings.warmingTimeout())) {
      enter(version, FAILED, (missing.isEmpty() ? "no instance was ready within " : "not ready within ")
          + seconds(settings.warmingTimeout()) + (missing.isEmpty() ? "" : ": " + String.join(", ", missing))
          + ". See the logs of the instances, and raise " + ConfigKeys.ROLLOUT_WARMING_TIMEOUT + " if they need longer");
    }
  }

  private void backfill(RolloutEvent backfilling) {
    String version = backfilling.getModelVersion();
    if (failed(version)) {
      return;
    }
    Coverage coverage = view.coverage(version, settings.partitions());
    boolean done = coverage.isComplete() && !backfilling.getPaused(); // who pauses does not expect it to become active
    if (done && coverage.unreadableShare() > settings.maxUnreadable()) {
      enter(version, FAILED, coverage.share(), coverage.unreadable(), String.format(Locale.ROOT,
          "%,d of %,d objects cannot be read (%.2f %%); allowed are %.2f %%. "
          + "'accrete models status %s' lists them. Make their images readable or remove them, or raise %s, and activate it again",
          coverage.unreadable(), coverage.objects(), 100 * coverage.unreadableShare(), 100 * settings.maxUnreadable(), version,
          ConfigKeys.ROLLOUT_MAX_UNREADABLE));
    } else if (done) {
      flip(version, coverage.share(), coverage.unreadable(), String.format(Locale.ROOT,
          "all partitions are complete: %,d of %,d objects covered, %,d unreadable", coverage.covered(), coverage.objects(),
          coverage.unreadable()));
    } else if (percent(coverage.share()) != percent(backfilling.getCoverage())) { // each percent is told, not each report
      refresh(backfilling, coverage.share(), coverage.unreadable(), backfilling.getPaused());
    }
  }

  /** A model that one instance cannot use is no model for the application. */
  private boolean failed(String version) {
    List<RolloutReport> failures = view.failures(version);
    if (!failures.isEmpty()) {
      RolloutReport first = failures.get(0);
      enter(version, FAILED, first.getReporter() + ": " + first.getReason()
          + (failures.size() == 1 ? "" : " (and " + (failures.size() - 1) + " more)"));
    }
    return !failures.isEmpty();
  }

  private void retireDrained() {
    for (RolloutEvent event : view.events()) {
      if (event.getState() == DRAINING && isOver(event, settings.draining())) {
        enter(event.getModelVersion(), RETIRED, "drained for " + seconds(settings.draining()));
      }
    }
  }

  private void flip(String version, String reason) {
    RolloutEvent event = view.event(version).orElseThrow();
    flip(version, event.getCoverage(), event.getUnreadable(), reason);
  }

  private void flip(String version, double coverage, long unreadable, String reason) {
    view.latest(ACTIVE).ifPresent(old -> enter(old.getModelVersion(), DRAINING, version + " took its place"));
    enter(version, ACTIVE, coverage, unreadable, reason);
  }

  private void enter(String version, RolloutState state, String reason) {
    Optional<RolloutEvent> before = view.event(version).filter(event -> state != WARMING); // which begins anew
    enter(version, state, before.map(RolloutEvent::getCoverage).orElse(0.0), before.map(RolloutEvent::getUnreadable).orElse(0L), reason);
  }

  private void enter(String version, RolloutState state, double coverage, long unreadable, String reason) {
    Transitions.require(version, view.event(version).map(RolloutEvent::getState).orElse(null), state);
    write(RolloutEvent.newBuilder().setModelVersion(version).setState(state).setCoverage(coverage).setUnreadable(unreadable)
        .setReason(reason).setAt(now).build());
  }

  private void rest(RolloutEvent event, boolean paused) {
    refresh(event, event.getCoverage(), event.getUnreadable(), paused);
  }

  /** The same state, entered when it was. */
  private void refresh(RolloutEvent event, double coverage, long unreadable, boolean paused) {
    write(RolloutEvent.newBuilder().setModelVersion(event.getModelVersion()).setState(event.getState()).setCoverage(coverage)
        .setUnreadable(unreadable).setPaused(paused).setReason(event.getReason()).setAt(event.getAt()).build());
  }

  private void write(RolloutEvent event) {
    events.add(event);
    view = view.decided(event);
  }

  private boolean isOver(RolloutEvent event, Duration time) {
    return !now.isBefore(event.getAt().plus(time));
  }

  private static long percent(double share) {
    return (long) Math.floor(100 * share);
  }

  private static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }
}
