package io.accrete.bench;

import io.accrete.bench.LiveTraffic.Phase;
import io.accrete.bench.RolloutBench.Settings;
import io.accrete.events.RolloutState;
import io.accrete.subscriber.EmbeddingSubscriber;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One version rolled out and back while events come in. */
final class LiveRollout {
  private static final double SHARE = 0.25; // of what can be folded; the new version doubles it
  private static final int AFTER = 5; // so much fewer events after a flip

  private final Settings settings;
  private final BenchCluster cluster;
  private final BenchObserver observer;
  private final SubscribedSpace subscribed = new SubscribedSpace();
  private final String from;
  private final String to;

  LiveRollout(Settings settings, BenchCluster cluster, BenchObserver observer) {
    this.settings = settings;
    this.cluster = cluster;
    this.observer = observer;
    from = settings.from().version();
    to = settings.to().version();
  }

  LiveMeasures run() throws InterruptedException {
    try (EmbeddingSubscriber subscriber = new EmbeddingSubscriber(cluster.config(), subscribed)) {
      CompletableFuture<Void> subscription = CompletableFuture.runAsync(subscriber, task -> new Thread(task, "subscriber").start());
      LiveMeasures measures = measure(subscription);
      subscriber.close();
      subscription.join();
      return measures;
    }
  }

  private LiveMeasures measure(CompletableFuture<Void> subscription) throws InterruptedException {
    double ingested = cluster.ingest(settings.ingested());
    double rate = settings.rate() > 0 ? settings.rate() : SHARE * ingested;
    cluster.space(to);
    double seconds;
    Latencies before;
    Latencies warming;
    Latencies backfilling;
    Latencies after;
    try (LiveTraffic traffic = traffic("live", rate)) {
      traffic.await(settings.events(), observer);
      traffic.enter(Phase.WARMING);
      cluster.rollouts().publish(settings.to());
      seconds = cluster.awaitFlip(to, () -> traffic.enter(Phase.BACKFILLING));
      traffic.enter(Phase.AFTER);
      traffic.await(Math.max(1, settings.events() / AFTER), observer);
      traffic.close();
      cluster.space(from).await(cluster.images(), embeddings -> { });
      before = traffic.latencies(Phase.BEFORE);
      warming = traffic.latencies(Phase.WARMING);
      backfilling = traffic.latencies(Phase.BACKFILLING);
      after = traffic.latencies(Phase.AFTER);
    }
    Proof flipped = cluster.prove(settings.to());
    subscribed.check(to, cluster.space(to).newest(), subscription);

    try (LiveTraffic traffic = traffic("back", rate)) {
      cluster.rollouts().await(from, cluster::requireWell, covered -> { }, RolloutState.DRAINING);
      cluster.rollouts().rollback(from);
      cluster.rollouts().await(from, cluster::requireWell, covered -> { }, RolloutState.ACTIVE);
      traffic.await(Math.max(1, settings.events() / AFTER), observer);
    }
    Proof rolledBack = cluster.prove(settings.from());
    Proof draining = cluster.prove(settings.to());
    subscribed.check(from, cluster.space(from).newest(), subscription);
    return new LiveMeasures(cluster.images().size(), settings.ingested().size(), ingested, rate, before, warming, backfilling, after,
        seconds, flipped, rolledBack, draining, subscribed.visited(), subscribed.problems(List.of(from, to, from)));
  }

  private LiveTraffic traffic(String name, double rate) {
    return LiveTraffic.start(cluster, cluster.space(from), name, settings.reserve(), rate);
  }
}
