package io.accrete.streams.rollout;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutReport;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the rollouts for one instance: has the models of all versions from WARMING to DRAINING loaded, reports that they are ready or why
 * they cannot be, and closes those that are no longer needed. While brokers or registry cannot be used it goes on with what it knows.
 */
public final class RolloutFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RolloutFollower.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  /** The state of the rollouts at a moment, whose models take calls until this is closed, which may happen more than once. */
  public static final class Lease implements AutoCloseable {
    private final FollowedVersions versions;
    private final AtomicReference<Runnable> end;

    Lease(FollowedVersions versions, Runnable end) {
      this.versions = versions;
      this.end = new AtomicReference<>(end);
    }

    /** As {@link RolloutFollower#current} was at the time. */
    public SortedMap<String, FollowedVersion> versions() {
      return versions.versions();
    }

    /** As {@link RolloutFollower#live} was at the time. */
    public Optional<LiveModels> live() {
      return versions.live();
    }

    @Override
    public void close() {
      Runnable first = end.getAndSet(null);
      if (first != null) {
        first.run();
      }
    }
  }

  private final AccreteConfig config;
  private final FollowedModels models;
  private final RolloutReports reports;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "rollout-follower");
  private volatile RolloutReader reader;
  private long pause = FIRST_PAUSE_MILLIS;

  private RolloutFollower(AccreteConfig config, ModelLoader loader, Function<Model, ServedModel> serving) {
    this.config = config;
    models = new FollowedModels(loader, serving, RolloutView.INSTANCE + InstanceId.of(config));
    reports = new RolloutReports(config);
  }

  /**
   * Begins to follow.
   *
   * @param configured the bundle that this instance was given; it need not be fetched where it is what was published
   * @param serving how a loaded model is used
   * @throws org.apache.kafka.common.config.ConfigException if a setting cannot be used; the message is for people
   * @throws java.io.UncheckedIOException if the state directory cannot be written; the message is for people
   */
  public static RolloutFollower start(AccreteConfig config, Bundle configured, Function<Model, ServedModel> serving) {
    RolloutFollower follower = new RolloutFollower(config, new ModelLoader(config, configured), serving);
    follower.thread.start();
    return follower;
  }

  /** What the topics of the rollouts said last; nothing before they were read. */
  public RolloutView view() {
    return models.view();
  }

  /**
   * What the rollouts are at now, by version; the same object until something changes. Its models may be closed at any time: whoever calls
   * them takes {@link #acquire}.
   */
  public SortedMap<String, FollowedVersion> current() {
    return models.current().versions();
  }

  /**
   * The models to work with now; equal ones as long as nothing changes. Empty while none is loaded that events fold into. For whoever
   * calls them, as with {@link #current}.
   */
  public Optional<LiveModels> live() {
    return models.current().live();
  }

  /**
   * The same with its models kept open: to be closed when they have been used, or when {@link #current} is another. Waits for what is
   * still being loaded of the versions in BACKFILLING, ACTIVE and DRAINING: to go on without them would leave out events.
   */
  public Lease acquire() {
    return models.acquire();
  }

  /** As {@link #acquire}, but with what is loaded now: for whoever has no events to fold. */
  public Lease acquireNow() {
    return models.acquireNow();
  }

  /**
   * Waits until the topics were read to where they ended, there are versions in BACKFILLING, ACTIVE or DRAINING, and all of them are
   * loaded.
   *
   * @throws io.accrete.runtime.ModelException if one in ACTIVE or DRAINING cannot be loaded, or this is closed; the message says why.
   *     The rollout of one in BACKFILLING fails then, which is waited for
   */
  public void awaitLoaded() throws InterruptedException {
    models.awaitLoaded();
  }

  /** Waits until a version is served here, or nothing leads there by itself; returns whether it is. */
  public boolean awaitServing(String version, Duration timeout) throws InterruptedException {
    return models.awaitServing(version, timeout);
  }

  private void run() {
    while (!stopped()) {
      try (RolloutReader opened = new RolloutReader(config)) {
        reader = opened; // before it is asked whether to stop: close either finds it, or is found
        if (!stopped()) {
          follow(opened.catchUp());
        }
      } catch (WakeupException e) {
        log.debug("Woken to stop");
      } catch (RuntimeException e) {
        await(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
      }
    }
  }

  private void follow(RolloutView caughtUp) {
    RolloutView view = caughtUp;
    while (!stopped()) {
      models.settle(view);
      for (RolloutReport report : models.unsent()) {
        reports.send(report);
        models.sent(report);
      }
      recovered();
      view = reader.poll(POLL);
    }
  }

  private boolean stopped() {
    return stopping.getCount() == 0;
  }

  private void await(String reason) {
    if (stopped()) {
      return;
    }
    if (pause == FIRST_PAUSE_MILLIS) {
      log.warn("The rollouts of models cannot be followed now; what is loaded stays in use, and it is tried again: {}", reason);
    }
    try {
      stopping.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopping.countDown(); // nobody but the end of the process interrupts this thread
    }
    pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
  }

  private void recovered() {
    if (pause > FIRST_PAUSE_MILLIS) {
      log.info("The rollouts of models are followed again");
      pause = FIRST_PAUSE_MILLIS;
    }
  }

  /** Stops following and closes the models, each when its last lease has ended. */
  @Override
  public void close() {
    stopping.countDown();
    RolloutReader waiting = reader;
    if (waiting != null) {
      waiting.wakeup();
    }
    reports.stop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // what it uses must not be closed under it
      }
    }
    models.close();
    reports.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
