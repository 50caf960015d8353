package io.accrete.bench;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.streams.StreamsApp;
import io.accrete.trainer.publish.ModelPublisher;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The app alone, in a process of its own. */
final class AppJob implements ChildJob {
  private final StreamsApp app;

  private AppJob(StreamsApp app) {
    this.app = app;
  }

  /** @param args configuration file, bundle, milliseconds of a simulated accelerator or 0 */
  public static void main(String[] args) {
    ChildJob.run(() -> start(AccreteConfig.load(Path.of(args[0]), Map.of(), Map.of()), Bundle.read(Path.of(args[1])),
        Long.parseLong(args[2])));
  }

  private static AppJob start(AccreteConfig config, Bundle bundle, long deviceMillis) {
    StreamsApp app = new StreamsApp(config, bundle, new ModelPublisher(config)::publishUnlessKnown,
        model -> Serving.of(model, deviceMillis), new SimpleMeterRegistry());
    app.start();
    return new AppJob(app);
  }

  @Override
  public Optional<String> awaitEnd() throws InterruptedException {
    return app.awaitEnd();
  }

  @Override
  public void close() {
    app.close();
  }
}
