package io.accrete.streams.rollout;

import io.accrete.events.ModelVersion;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import io.accrete.runtime.Model;
import io.accrete.runtime.ModelException;
import io.accrete.streams.encode.ServedModel;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that the rollouts ask for: loads them one at a time on a thread of its own, closes them when they are no longer asked for, and
 * notes down what is to be reported. Safe for many threads.
 */
final class FollowedModels implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FollowedModels.class);
  private static final Set<RolloutState> LOADED =
      EnumSet.of(RolloutState.WARMING, RolloutState.BACKFILLING, RolloutState.ACTIVE, RolloutState.DRAINING);

  /** Why a model is loaded: another reason is another attempt. */
  private record Attempt(String manifest, RolloutState state, Instant entered) {}

  /** What became of a version's model so far; a version that was given up and is asked for again gets a new one. */
  private static final class Slot {
    private Attempt attempt;
    private Future<?> loading;
    private Model model;
    private ServedModel served;
    private String failure;
  }

  private final ModelLoader loader;
  private final Function<Model, ServedModel> serving;
  private final String reporter;
  private final ModelUses uses = new ModelUses();
  private final Map<String, Slot> slots = new HashMap<>();
  private final Map<String, RolloutReport> unsent = new LinkedHashMap<>();
  private final ExecutorService loading = Executors.newSingleThreadExecutor(task -> new Thread(task, "model-loader"));
  private volatile FollowedVersions current = FollowedVersions.NONE;
  private RolloutView view = RolloutView.empty();
  private boolean settled;
  private boolean closed;

  /**
   * Nothing is loaded yet.
   *
   * @param loader closed with this
   * @param serving how a loaded model is used
   */
  FollowedModels(ModelLoader loader, Function<Model, ServedModel> serving, String reporter) {
    this.loader = loader;
    this.serving = serving;
    this.reporter = reporter;
  }

  /** Acts on all that was said; to be called when the topics were read to where they ended at the start, and then again and again. */
  synchronized void settle(RolloutView now) {
    if (closed) {
      return;
    }
    view = now;
    List<String> given = slots.keySet().stream().filter(version -> !isLoaded(version)).toList();
    List<Slot> gone = given.stream().map(slots::remove).toList();
    view.events().stream().map(RolloutEvent::getModelVersion).filter(this::isLoaded)
        .forEach(version -> view.version(version).ifPresent(model -> ask(model, view.event(version).orElseThrow())));
    publish(); // before models are closed, so that nobody finds a closed one
    gone.forEach(this::end);
    if (!settled || !gone.isEmpty()) {
      loading.execute(this::clean);
    }
    settled = true;
    notifyAll();
  }

  private boolean isLoaded(String version) {
    return view.event(version).filter(event -> LOADED.contains(event.getState())).isPresent();
  }

  private void ask(ModelVersion model, RolloutEvent event) {
    String version = event.getModelVersion();
    Attempt attempt = new Attempt(model.getManifestSha256(), event.getState(), event.getAt());
    Slot slot = slots.computeIfAbsent(version, none -> new Slot());
    if (slot.loading != null || attempt.equals(slot.attempt)) {
      return;
    }
    slot.attempt = attempt;
    if (slot.model == null) {
      slot.failure = null;
      slot.loading = loading.submit(() -> load(version, model, slot));
    } else if (event.getState() == RolloutState.WARMING) { // a rollout that begins again wants to hear it again
      report(version, ReportKind.READY, null);
    }
  }

  private void load(String version, ModelVersion published, Slot slot) {
    try {
      Model model = loader.load(published);
      log.info("Model {} is loaded; it runs on {}", version, model.device());
      if (!finish(version, slot, model, null)) {
        model.close();
      }
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) { // whatever it is, it must be told and must not end the loading
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      if (finish(version, slot, null, reason)) {
        log.error("Model {} cannot be used: {}", version, reason);
      }
    }
  }

  /** Notes the end of a loading; false if nobody waits for it any more. */
  private synchronized boolean finish(String version, Slot slot, Model model, String failure) {
    if (closed || slots.get(version) != slot) {
      return false;
    }
    slot.loading = null;
    if (failure != null && view.version(version).filter(now -> !now.getManifestSha256().equals(slot.attempt.manifest)).isPresent()) {
      slot.attempt = null; // published anew meanwhile: what failed is not what is wanted now
      return false;
    }
    slot.model = model;
    slot.served = model == null ? null : serving.apply(model); // one for as long as it is loaded: equal as long as nothing changes
    slot.failure = failure;
    report(version, failure == null ? ReportKind.READY : ReportKind.FAILED, failure);
    publish();
    notifyAll();
    return true;
  }

  private void report(String version, ReportKind kind, String reason) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Instant entered = view.event(version).map(RolloutEvent::getAt).orElse(now);
    unsent.put(version, RolloutReport.newBuilder()
        .setModelVersion(version)
        .setReporter(reporter)
        .setKind(kind)
        .setReason(reason)
        .setAt(now.isBefore(entered) ? entered : now) // not before what it answers, whatever the clocks say
        .build());
  }

  /** What is to be reported and was not yet {@link #sent}. */
  synchronized List<RolloutReport> unsent() {
    return List.copyOf(unsent.values());
  }

  synchronized void sent(RolloutReport report) {
    unsent.remove(report.getModelVersion(), report);
  }

  private void publish() {
    SortedMap<String, FollowedVersion> versions = new TreeMap<>();
    Map<String, ServedModel> models = new HashMap<>();
    for (RolloutEvent event : view.events()) {
      String version = event.getModelVersion();
      Slot slot = slots.get(version);
      Optional<Model> model = Optional.ofNullable(slot == null ? null : slot.model);
      model.ifPresent(any -> models.put(version, slot.served));
      versions.put(version, new FollowedVersion(version, event.getState(), event.getAt(), event.getPaused(), model));
    }
    if (!versions.equals(current.versions())) {
      current = current.next(versions, models);
    }
  }

  /** What the topics said last. */
  synchronized RolloutView view() {
    return view;
  }

  FollowedVersions current() {
    return current;
  }

  /** The current state, whose models stay open; waits for what is being loaded and events fold into already. */
  synchronized RolloutFollower.Lease acquire() {
    try {
      while (isLoading()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelException("Interrupted while waiting for a model to be loaded.");
    }
    return acquireNow();
  }

  /** The current state, whose models stay open. */
  synchronized RolloutFollower.Lease acquireNow() {
    List<Model> models = current.versions().values().stream().flatMap(version -> version.model().stream()).toList();
    uses.begin(models);
    return new RolloutFollower.Lease(current, () -> uses.end(models));
  }

  private boolean isLoading() {
    return view.events().stream().filter(event -> FollowedVersions.FOLDED.contains(event.getState()))
        .anyMatch(event -> slots.containsKey(event.getModelVersion()) && slots.get(event.getModelVersion()).loading != null);
  }

  /**
   * Waits until there are versions that live events fold into, and all of them are loaded; throws with the reason if one in ACTIVE or
   * DRAINING cannot be.
   */
  synchronized void awaitLoaded() throws InterruptedException {
    while (!closed && !(settled && isComplete())) {
      wait();
    }
    if (closed) {
      throw new ModelException("The models were not loaded: the application is stopping.");
    }
  }

  /** Waits until a version is served, or nothing leads there by itself; returns whether it is. */
  synchronized boolean awaitServing(String version, Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    long left = timeout.toMillis();
    while (!closed && !isServing(version) && !isOver(version) && left > 0) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
    return isServing(version);
  }

  private boolean isServing(String version) {
    return current.live().filter(models -> models.serving().version().equals(version)).isPresent();
  }

  private boolean isOver(String version) {
    return view.state(version).filter(state -> state == RolloutState.DRAINING || RolloutView.isOver(state)).isPresent();
  }

  private boolean isComplete() {
    boolean complete = current.live().isPresent();
    for (RolloutEvent event : view.events()) {
      String version = event.getModelVersion();
      if (FollowedVersions.FOLDED.contains(event.getState())) {
        Slot slot = slots.get(version);
        boolean told = slot != null && event.getState() == RolloutState.BACKFILLING; // its rollout fails by what is reported here
        if (!told && (slot == null || slot.failure != null)) {
          throw new ModelException("Model " + version + " is " + event.getState() + " and cannot be used here: " + (slot == null
              ? "no such version is published. Publish its bundle again." : slot.failure));
        }
        complete &= slot.model != null;
      }
    }
    return complete;
  }

  /** Bundles of versions that nobody asks for are of no more use. */
  private void clean() {
    Set<String> needed;
    synchronized (this) {
      needed = new HashSet<>(slots.keySet());
    }
    try {
      loader.retain(needed);
    } catch (RuntimeException e) {
      log.warn("{}", e.getMessage());
    }
  }

  private void end(Slot slot) {
    if (slot.loading != null) {
      slot.loading.cancel(true); // the next one must not wait for what nobody wants
    }
    if (slot.model != null) {
      uses.close(slot.model);
    }
  }

  /** Closes all models, each when its last lease has ended. */
  @Override
  public void close() {
    loader.close();
    synchronized (this) {
      closed = true;
      loading.shutdownNow();
      current = FollowedVersions.NONE;
      slots.values().forEach(this::end);
      slots.clear();
      notifyAll();
    }
  }
}
