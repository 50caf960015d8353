package io.accrete.local;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.image.ImageLimits;
import io.accrete.streams.StreamsApp;
import io.accrete.streams.feed.EmbeddingFeed;
import io.accrete.streams.http.ApiServer;
import io.accrete.streams.http.ConsoleRoutes;
import io.accrete.streams.http.Health;
import io.accrete.streams.http.HistoryRoutes;
import io.accrete.streams.http.ImageRoutes;
import io.accrete.streams.http.InstanceMetrics;
import io.accrete.streams.http.InstanceRoutes;
import io.accrete.streams.http.ModelRoutes;
import io.accrete.streams.http.ObjectRoutes;
import io.accrete.streams.http.OperationRoutes;
import io.accrete.streams.http.OrderRoutes;
import io.accrete.streams.http.PeerClient;
import io.accrete.streams.http.RolloutMetrics;
import io.accrete.streams.http.Routes;
import io.accrete.streams.http.StreamRoutes;
import io.accrete.streams.similarity.SimilarRoutes;
import io.accrete.streams.http.WriteRoutes;
import io.accrete.streams.training.TrainingProgressReader;
import io.accrete.streams.training.TrainingRoutes;
import io.accrete.streams.write.EventWriter;
import io.accrete.trainer.publish.ModelPublisher;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** One instance of the app with its HTTP API. */
public final class Instance implements AutoCloseable {
  private final StreamsApp app;
  private final EmbeddingFeed feed;
  private final TrainingProgressReader training;
  private final ApiServer api;
  private final InstanceMetrics metrics;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Instance(StreamsApp app, EmbeddingFeed feed, TrainingProgressReader training, ApiServer api, InstanceMetrics metrics) {
    this.app = app;
    this.feed = feed;
    this.training = training;
    this.api = api;
    this.metrics = metrics;
  }

  /**
   * Starts the app and its API. It works as soon as the models are loaded that events fold into.
   *
   * @param bundle published unless its version is known; an application without any active version begins with it
   */
  public static Instance start(AccreteConfig config, Bundle bundle) {
    PrometheusMeterRegistry registry = InstanceMetrics.registry();
    StreamsApp app = new StreamsApp(config, bundle, new ModelPublisher(config)::publishUnlessKnown, registry);
    try {
      RolloutMetrics.bind(registry, app.models());
      EmbeddingFeed feed = new EmbeddingFeed(config, registry);
      TrainingProgressReader training = new TrainingProgressReader(config);
      Instance instance = new Instance(app, feed, training, ApiServer.start(config, routes(config, app, feed, training, registry)),
          InstanceMetrics.bind(registry, app.kafkaStreams()));
      instance.startApp();
      return instance;
    } catch (RuntimeException e) {
      app.close();
      throw e;
    }
  }

  private static List<Routes> routes(AccreteConfig config, StreamsApp app, EmbeddingFeed feed, TrainingProgressReader training,
      PrometheusMeterRegistry registry) {
    PeerClient peers = new PeerClient(app.peers());
    ImageLimits limits = StreamsApp.limits(config);
    return List.of(
        new ObjectRoutes(app.queries(), peers),
        new SimilarRoutes(app.similar(), app.queries(), app.liveModels(), app::lease, app.peers(), peers,
            limits.maxBytes()),
        new WriteRoutes(limits, app.queries(), new EventWriter(config), app.outcomes(), app.content(), peers),
        new ImageRoutes(app.images(), limits, peers),
        new HistoryRoutes(app.queries(), app.histories(), peers),
        new OrderRoutes(app.orders()),
        new ModelRoutes(app.models()),
        new InstanceRoutes(app.stats(), app.peers(), peers),
        new StreamRoutes(feed),
        new TrainingRoutes(training),
        new OperationRoutes(app.health(), registry),
        new ConsoleRoutes());
  }

  private void startApp() {
    try {
      app.start();
      training.start();
    } catch (RuntimeException e) {
      metrics.close();
      feed.close();
      api.close();
      throw e;
    }
  }

  /** Waits until state is restored and events are worked on; throws with the reason if that does not happen in time. */
  public void awaitRunning(Duration timeout) throws InterruptedException {
    app.awaitRunning(timeout);
  }

  /** Waits until a model version is served, or nothing leads there by itself: its rollout failed, or is over; whether it is served. */
  public boolean awaitServing(String version, Duration timeout) throws InterruptedException {
    return app.awaitServing(version, timeout);
  }

  /** Throws with the reason if the app has ended. */
  public void requireAlive() {
    for (Health.Check check : app.health().live()) {
      if (!check.ok()) {
        throw new IllegalStateException("The app stopped: " + check.reason());
      }
    }
  }

  /** Waits until the app has ended, by {@link #close} or by itself; the failure, if it was one. */
  public Optional<String> awaitEnd() throws InterruptedException {
    return app.awaitEnd();
  }

  /** What the API answers, as "METHOD path". */
  public Set<String> routes() {
    return api.routes();
  }

  /** Where the API answers. */
  public URI url() {
    return api.url();
  }

  /** Stops the API, then the app and its models. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      metrics.close();
      feed.close();
      api.close();
      training.close();
      app.close();
    }
  }
}
