package io.accrete.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingListener;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Where Kafka and the registry are away; with both, deploy's TrainServiceTest shows what arrives. */
class ProgressPublisherTest {
  private final List<String> told = new CopyOnWriteArrayList<>();

  private final class Other implements TrainingListener {
    @Override
    public void started(Stage stage, long totalSteps, long firstStep) {
      told.add("started " + stage.name());
    }

    @Override
    public void step(StepRecord step) {}

    @Override
    public void event(String line) {
      told.add(line);
    }

    @Override
    public void ended() {
      told.add("ended");
    }
  }

  @Test
  @Timeout(60)
  void shouldNeitherWaitNorFailWhileNobodyListensAndSayItOnce() throws Exception {
    Logger log = (Logger) LoggerFactory.getLogger(ProgressPublisher.class);
    List<String> said = new CopyOnWriteArrayList<>();
    ListAppender<ILoggingEvent> appender = new ListAppender<>() {
      @Override
      protected void append(ILoggingEvent event) {
        said.add(event.getFormattedMessage());
      }
    };
    appender.start();
    log.addAppender(appender);
    log.setLevel(Level.INFO);
    try (ProgressPublisher publisher = ProgressPublisher.start(AccreteConfig.of(Map.of(ConfigKeys.BOOTSTRAP_SERVERS, "127.0.0.1:1",
        ConfigKeys.REGISTRY_URL, "http://127.0.0.1:1")), new Other())) {
      publisher.run("a run");
      publisher.started(new TrainingListener.Stage("distill", 0, 10_000), 10_000, 0);
      for (int i = 0; i < 10_000; i++) { // each would wait for seconds
        publisher.step(new StepRecord(i, "distill", 1, Map.of(), 1, 1, 0, 1));
        publisher.event("event " + i);
      }
      publisher.ended();
      assertThat(told).hasSize(10_002).startsWith("started distill", "event 0").endsWith("event 9999", "ended");
    } finally {
      log.detachAppender(appender);
    }
    assertThat(said).hasSize(1).first().asString().contains("'training-progress'", "training, which goes on");
  }
}
