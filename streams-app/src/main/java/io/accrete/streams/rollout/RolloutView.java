package io.accrete.streams.rollout;

import io.accrete.events.ModelVersion;
import io.accrete.events.ReportKind;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutReport;
import io.accrete.events.RolloutState;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the topics of the rollouts say, as one immutable value: the latest record of each key, in the order in which these were written.
 * Applying records yields another value.
 */
public final class RolloutView {
  /** How the reporters of reports begin: an instance's id, or the number of a partition of the image events, follows. */
  public static final String INSTANCE = "instance-";
  public static final String PARTITION = "partition-";

  private static final RolloutView EMPTY = new RolloutView(Map.of(), Map.of(), Map.of());

  private final Map<String, ModelVersion> versions;
  private final Map<String, RolloutEvent> events;
  private final Map<String, Map<String, RolloutReport>> reports; // by version, then reporter

  private RolloutView(Map<String, ModelVersion> versions, Map<String, RolloutEvent> events,
      Map<String, Map<String, RolloutReport>> reports) {
    this.versions = versions;
    this.events = events;
    this.reports = reports;
  }

  public static RolloutView empty() {
    return EMPTY;
  }

  /** With a record of {@code model-versions}; a null value: the version is gone. */
  public RolloutView withVersion(String version, ModelVersion model) {
    return new RolloutView(with(versions, version, model), events, reports);
  }

  /** With a record of {@code model-rollouts}; a null value: it is not known any more. */
  public RolloutView withEvent(String version, RolloutEvent event) {
    return new RolloutView(versions, with(events, version, event), reports);
  }

  /** With a record of {@code rollout-reports}, whose key is {@code version/reporter}; a null value: it does not count any more. */
  public RolloutView withReport(String key, RolloutReport report) {
    int slash = key.indexOf('/');
    if (slash < 0) {
      return this; // nobody's
    }
    String version = key.substring(0, slash);
    return new RolloutView(versions, events,
        with(reports, version, with(reports.getOrDefault(version, Map.of()), key.substring(slash + 1), report)));
  }

  /** As it is when an event of ours is written with all that goes with it: what was reported before a version warms counts no more. */
  RolloutView decided(RolloutEvent event) {
    RolloutView next = withEvent(event.getModelVersion(), event);
    return event.getState() != RolloutState.WARMING ? next
        : new RolloutView(next.versions, next.events, with(reports, event.getModelVersion(), null));
  }

  private static <V> Map<String, V> with(Map<String, V> known, String key, V value) {
    Map<String, V> next = new LinkedHashMap<>(known);
    next.remove(key); // so that what is written again is the last, as it is in the topic
    if (value != null) {
      next.put(key, value);
    }
    return Collections.unmodifiableMap(next);
  }

  /** The published versions; the last one is the newest. */
  public List<ModelVersion> versions() {
    return List.copyOf(versions.values());
  }

  public Optional<ModelVersion> version(String version) {
    return Optional.ofNullable(versions.get(version));
  }

  public List<RolloutEvent> events() {
    return List.copyOf(events.values());
  }

  public Optional<RolloutEvent> event(String version) {
    return Optional.ofNullable(events.get(version));
  }

  /** Where a version stands; PUBLISHED if it is published and no more is known of it, empty if it is not. */
  public Optional<RolloutState> state(String version) {
    return event(version).map(RolloutEvent::getState).or(() -> version(version).map(published -> RolloutState.PUBLISHED));
  }

  /** Whether nothing of a version is made any more, and what there is of it is removed: it is FAILED or RETIRED. */
  public boolean isOver(String version) {
    return state(version).filter(RolloutView::isOver).isPresent();
  }

  static boolean isOver(RolloutState state) {
    return state == RolloutState.FAILED || state == RolloutState.RETIRED;
  }

  /** What is in one of these states, the latest if there are several. */
  public Optional<RolloutEvent> latest(RolloutState... states) {
    Set<RolloutState> wanted = Set.of(states);
    return events.values().stream().filter(event -> wanted.contains(event.getState())).reduce((first, second) -> second);
  }

  /** The version that is being rolled out, if one is. */
  public Optional<RolloutEvent> rolling() {
    return latest(RolloutState.WARMING, RolloutState.BACKFILLING);
  }

  /** What is reported of a version, the latest of each reporter. */
  public List<RolloutReport> reports(String version) {
    return List.copyOf(reports.getOrDefault(version, Map.of()).values());
  }

  /** How many of the partitions' objects are covered by a version. */
  public Coverage coverage(String version, int partitions) {
    return Coverage.of(partitionReports(version, partitions).values(), partitions);
  }

  /** What the partitions, as far as there are so many, say of a version. */
  public Map<Integer, RolloutReport> partitionReports(String version, int partitions) {
    Map<Integer, RolloutReport> found = new TreeMap<>();
    for (RolloutReport report : reports.getOrDefault(version, Map.of()).values()) {
      OptionalInt partition = partition(report);
      if (partition.isPresent() && partition.getAsInt() < partitions) {
        found.put(partition.getAsInt(), report);
      }
    }
    return found;
  }

  /** The instances that have a version ready. */
  public Set<String> ready(String version) {
    Set<String> ready = new TreeSet<>();
    for (RolloutReport report : reports(version)) {
      if (report.getKind() == ReportKind.READY && report.getReporter().startsWith(INSTANCE)) {
        ready.add(report.getReporter().substring(INSTANCE.length()));
      }
    }
    return ready;
  }

  /** The reports of instances that cannot use a version. */
  List<RolloutReport> failures(String version) {
    return reports(version).stream().filter(report -> report.getKind() == ReportKind.FAILED).toList();
  }

  /** Whether no partition has a latent of a version any more; what they said before it was tried again does not tell. */
  boolean isRemoved(String version, int partitions) {
    Optional<Instant> since = event(version).map(RolloutEvent::getAt);
    return partitionReports(version, partitions).values().stream()
        .filter(report -> report.getKind() == ReportKind.REMOVED && since.equals(Optional.ofNullable(report.getSince())))
        .count() == partitions;
  }

  private static OptionalInt partition(RolloutReport report) {
    try {
      return report.getReporter().startsWith(PARTITION)
          ? OptionalInt.of(Integer.parseUnsignedInt(report.getReporter().substring(PARTITION.length()))) : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty(); // nobody we know of
    }
  }
}
