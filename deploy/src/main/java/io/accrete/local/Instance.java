package io.accrete.local;

import io.accrete.config.AccreteConfig;
import io.accrete.runtime.Model;
import io.accrete.streams.StreamsApp;
import io.accrete.streams.http.Health;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One instance of the app with its HTTP API. */
public final class Instance implements AutoCloseable {
  private final StreamsApp app;
  private final HttpApi api;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Instance(StreamsApp app, HttpApi api) {
    this.app = app;
    this.api = api;
  }

  /** Starts the app and its API and returns when the stream threads were started. Takes the model over, and closes it also if it fails. */
  public static Instance start(AccreteConfig config, Model model) {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    StreamsApp app;
    try {
      app = new StreamsApp(config, model, meters);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
    try {
      HttpApi api = () -> { };
      try {
        app.start();
        return new Instance(app, api);
      } catch (RuntimeException e) {
        api.close();
        throw e;
      }
    } catch (RuntimeException e) {
      app.close();
      throw e;
    }
  }

  /** Waits until state is restored and events are worked on; throws with the reason if that does not happen in time. */
  public void awaitRunning(Duration timeout) throws InterruptedException {
    app.awaitRunning(timeout);
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

  interface HttpApi { void close(); }

  /** Stops the API, then the app and its model. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      api.close();
      app.close();
    }
  }
}
