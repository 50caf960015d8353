package io.accrete.streams.topology;

import io.accrete.state.Latent;
import io.accrete.state.ObjectState;
import io.accrete.state.SweepState;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.ObjectStores;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the objects of a partition again under a new version, and removes the latents of versions that are gone, in slices between live
 * events. It works in the stream thread and within its transactions, so that nobody else touches the stores, and what it reports is true.
 */
final class Sweep {
  /** How soon an idle task sees that models have changed. Each look makes the task commit, so it does not look often. */
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration AT_ONCE = Duration.ofMillis(1);
  private static final long REPORT_MILLIS = 2000;
  private static final Logger log = LoggerFactory.getLogger(Sweep.class);

  private final ProcessorContext<byte[], byte[]> context;
  private final TopologyParts parts;
  private final ModelSource models;
  private final ObjectStores stores;
  private final Function<ServedModel, ObjectFolder> folders;
  private final Sweeps sweeps;
  private LiveModels live;
  private Refold refold; // null: none is under way
  private Cancellable tick;
  private long sliceEnd;
  private SweepState reported; // null: not yet under these models
  private long reportedAt;

  Sweep(ProcessorContext<byte[], byte[]> context, TopologyParts parts, ModelSource models, ObjectStores stores,
      Function<ServedModel, ObjectFolder> folders) {
    this.context = context;
    this.parts = parts;
    this.models = models;
    this.stores = stores;
    this.folders = folders;
    sweeps = new Sweeps(context);
    schedule(AT_ONCE);
  }

  /** Goes on with these models. To be called before an event is folded under them. */
  void adopt(LiveModels models) {
    if (!models.equals(live)) {
      live = models;
      dropRefold();
      reported = null;
      sweeps.keep(models);
      schedule(AT_ONCE);
    }
  }

  /** Takes note of what an event did to an object. Empty: it was not there, or is not any more. */
  void changed(String objectId, Optional<ObjectState> before, Optional<ObjectState> after) {
    sweeps.changed(objectId, before, after);
  }

  private void punctuate(long now) {
    adopt(models.now());
    SweepPace pace = parts.pace().get();
    Optional<Tally> due = due();
    long end = now;
    if (due.isPresent() && pace.rest(now).isZero()) {
      long start = System.nanoTime();
      sliceEnd = start + parts.slice().toNanos();
      work(due.get(), now);
      long took = System.nanoTime() - start;
      pace.swept(now, took);
      end = now + TimeUnit.NANOSECONDS.toMillis(took);
      due = due();
    }
    live.sweeping().map(model -> sweeps.of(Tally.folding(model.version()))).ifPresent(tally -> report(tally, now));
    Duration rest = pace.rest(end); // the slice itself is no part of it
    schedule(due.isEmpty() ? LOOK : rest.compareTo(AT_ONCE) > 0 ? rest : AT_ONCE);
  }

  /** Punctuates no more: another sweep may take the task's place. */
  void close() {
    tick.cancel();
    dropRefold();
  }

  private void dropRefold() {
    if (refold != null) {
      refold.drop();
      refold = null;
    }
  }

  /** One punctuation at a time: none is asked for more often than there is something to do. */
  private void schedule(Duration delay) {
    if (tick != null) {
      tick.cancel();
    }
    tick = context.schedule(delay, PunctuationType.WALL_CLOCK_TIME, this::punctuate);
  }

  /** What is to be done next; removing first, for it is soon done. */
  private Optional<Tally> due() {
    return live.removing().entrySet().stream().sorted(Map.Entry.comparingByKey())
        .map(gone -> sweeps.of(Tally.removal(gone.getKey(), gone.getValue())))
        .filter(tally -> !tally.state().getComplete()).findFirst()
        .or(() -> live.sweeping().map(model -> sweeps.of(Tally.folding(model.version()))).filter(tally -> !tally.state().getComplete()));
  }

  private void work(Tally begun, long now) {
    Tally tally = walk(begun, begun.state().getRemoval() ? this::remove : this::fold);
    sweeps.put(tally);
    if (tally.state().getRemoval() && tally.state().getComplete()) {
      log.info("Partition {} has no latents of model {} any more", context.taskId().partition(), tally.version());
      context.forward(parts.reports().report(tally, context.taskId().partition(), now), AccreteTopology.REPORTS);
    }
  }

  /** Goes on with a pass until the slice or the pass is over; at least one step is done. */
  private Tally walk(Tally begun, Visit visit) {
    Tally tally = begun;
    String cursor = begun.state().getCursor();
    try (KeyValueIterator<String, ObjectState> objects = stores.objectsFrom(cursor)) {
      while (objects.hasNext()) {
        KeyValue<String, ObjectState> object = objects.next();
        if (object.key.equals(cursor)) {
          continue;
        }
        Optional<Tally> visited = visit.object(tally, object.key, object.value);
        if (visited.isEmpty()) {
          return tally;
        }
        tally = visited.get();
        if (sliceIsOver()) {
          return tally;
        }
      }
    }
    return tally.passEnded();
  }

  private boolean sliceIsOver() {
    return System.nanoTime() - sliceEnd >= 0;
  }

  /** Empty: the slice was over before the object was folded. */
  private Optional<Tally> fold(Tally tally, String objectId, ObjectState object) {
    if (tally.counts() || tally.covers(object)) {
      return Optional.of(tally.passed(objectId, object));
    }
    try {
      return foldAgain(tally.version(), objectId, object).map(latent -> {
        ObjectState folded = with(object, tally.version(), latent);
        publish(tally.version(), objectId, folded);
        return tally.folded(objectId, object, folded).passed(objectId, folded);
      });
    } catch (RejectedEventException | ModelFailedException e) {
      log.warn("Object {} cannot be folded under model {}: {}", LiveFolders.printable(objectId), tally.version(), e.getMessage());
      dropRefold();
      parts.metrics().sweepUnreadable().increment();
      return Optional.of(tally.passed(objectId, object));
    }
  }

  private Optional<Latent> foldAgain(String version, String objectId, ObjectState object) throws RejectedEventException {
    if (refold == null || !refold.isOf(objectId)) {
      dropRefold();
      refold = new Refold(objectId, folders.apply(live.sweeping().orElseThrow()), stores);
    }
    refold.update(object);
    while (!refold.isDone()) {
      refold.step();
      if (!refold.isDone() && sliceIsOver()) {
        return Optional.empty();
      }
    }
    Latent latent = refold.latent();
    refold = null;
    return Optional.of(latent);
  }

  /** As the event behind the object's last change would have published it. */
  private void publish(String version, String objectId, ObjectState state) {
    Record<byte[], byte[]> cause =
        new Record<>(objectId.getBytes(StandardCharsets.UTF_8), null, state.getUpdatedAt().toEpochMilli());
    Record<byte[], byte[]> embedding = parts.embeddings().embedding(cause, state, version);
    stores.putObject(objectId, state);
    context.forward(embedding, AccreteTopology.EMBEDDINGS);
    parts.metrics().sweepFolded().increment();
  }

  private Optional<Tally> remove(Tally tally, String objectId, ObjectState object) {
    stores.keepFeatures(objectId, live.folding().stream().map(ServedModel::encoderHash).toList());
    if (tally.covers(object)) {
      Map<String, Latent> others = new TreeMap<>(object.getLatents());
      others.remove(tally.version());
      stores.putObject(objectId, ObjectState.newBuilder(object).setLatents(others).build());
      parts.metrics().sweepRemoved().increment();
    }
    return Optional.of(tally.passed(objectId, object));
  }

  private void report(Tally tally, long now) {
    SweepState state = tally.state();
    boolean first = reported == null || reported.getComplete() != state.getComplete();
    boolean awaited = !tally.version().equals(live.serving().version()); // nothing depends on the numbers of what is served already
    if (first || awaited && now - reportedAt >= REPORT_MILLIS && !state.equals(reported)) {
      context.forward(parts.reports().report(tally, context.taskId().partition(), now), AccreteTopology.REPORTS);
      reported = state;
      reportedAt = now;
    }
  }

  private static ObjectState with(ObjectState object, String version, Latent latent) {
    Map<String, Latent> latents = new TreeMap<>(object.getLatents());
    latents.put(version, latent);
    return ObjectState.newBuilder(object).setLatents(latents).build();
  }

  /** Deals with an object; empty: not through with it yet. */
  private interface Visit {
    Optional<Tally> object(Tally tally, String objectId, ObjectState object);
  }
}
