package io.accrete.streams.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.accrete.cli.ChildJvm;
import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(240)
class CoordinatorTest {
  /** For the end of sessions, and of the last fetch of a consumer. */
  private static final Map<String, String> SHORT_WAITS = Map.of("kafka.session.timeout.ms", "3000", "kafka.heartbeat.interval.ms", "500",
      "kafka.fetch.max.wait.ms", "50");

  @TempDir private static Path shared;
  private static LocalCluster cluster;

  @TempDir private Path dir;

  @BeforeAll
  static void start() {
    cluster = LocalCluster.open(shared.resolve("data"), AccreteConfig.of(Map.of()), Ports.ANY);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void shouldRollAVersionOutAndRemoveTheOneBefore() throws Exception {
    try (Rollouts rollouts = rollouts("whole"); Coordinator coordinator = Coordinator.start(rollouts.config(), "v1")) {
      rollouts.publish("v1");
      rollouts.await("v1", RolloutState.ACTIVE);
      assertThat(rollouts.hasTopic("v1")).isTrue();

      rollouts.publish("v2");
      rollouts.await("v2", RolloutState.WARMING);
      assertThat(rollouts.hasTopic("v2")).isFalse();
      rollouts.ready("v2", "one");
      rollouts.await("v2", RolloutState.BACKFILLING);
      assertThat(rollouts.hasTopic("v2")).isTrue();
      rollouts.coverage("v2", 0, 4, 2, List.of(), false);
      rollouts.await("half of half", view -> view.event("v2").orElseThrow().getCoverage() == 0.25);
      rollouts.coverage("v2", 0, 4, 4, List.of(), true);
      rollouts.coverage("v2", 1, 1, 1, List.of(), true);
      rollouts.await("v2", RolloutState.ACTIVE);

      rollouts.command(RolloutAction.RETIRE, "v2"); // refused, and nothing comes of it
      rollouts.command(RolloutAction.RETIRE, "v1");
      Instant since = rollouts.await("v1", RolloutState.RETIRED).getAt();
      assertThat(rollouts.hasTopic("v1")).isTrue();
      rollouts.removed("v1", since);
      while (rollouts.hasTopic("v1")) {
        Thread.onSpinWait();
      }
      rollouts.command(RolloutAction.ACTIVATE, "v1");
      rollouts.await("v1", RolloutState.WARMING);
      rollouts.await("what was reported before does not count", view -> view.reports("v1").isEmpty());
      rollouts.failed("v1", "one", "it is gone");
      assertThat(rollouts.await("v1", RolloutState.FAILED).getReason()).isEqualTo("instance-one: it is gone");

      assertThat(rollouts.history()).containsSubsequence("v1 PUBLISHED", "v1 ACTIVE", "v2 PUBLISHED", "v2 WARMING", "v2 BACKFILLING",
          "v1 DRAINING", "v2 ACTIVE", "v1 RETIRED", "v1 WARMING", "v1 FAILED");
      assertThat(rollouts.flips()).isEqualTo(2);
    }
  }

  @Test
  void shouldCarryOutEachCommandOnceWhoeverIsInCharge() throws Exception {
    try (Rollouts rollouts = rollouts("handover"); Coordinator second = handOver(rollouts)) {
      rollouts.command(RolloutAction.ROLLBACK, null);
      rollouts.awaitFlips(2 + 11);
      assertAlternating(rollouts, 2 + 11);
    }
  }

  /** Ten commands, during which the first coordinator ends and the second takes over. */
  private static Coordinator handOver(Rollouts rollouts) throws Exception {
    Coordinator first = Coordinator.start(rollouts.config(), "v1");
    rollouts.publish("v1");
    rollouts.roll("v2");
    Coordinator second = Coordinator.start(rollouts.config(), "v1");
    for (int i = 0; i < 10; i++) {
      rollouts.command(RolloutAction.ROLLBACK, null);
      if (i == 4) {
        first.close();
      }
    }
    return second;
  }

  @Test
  void shouldGoOnWhereOneWasKilled() throws Exception {
    try (Rollouts rollouts = rollouts("killed")) {
      Process first = process(rollouts);
      try {
        rollouts.publish("v1");
        rollouts.roll("v2");
        try (Coordinator second = Coordinator.start(rollouts.config(), "v1")) {
          for (int i = 0; i < 10; i++) {
            rollouts.command(RolloutAction.ROLLBACK, null);
          }
          rollouts.awaitFlips(2 + 1);
          first.destroyForcibly().onExit().join();
          rollouts.command(RolloutAction.ROLLBACK, null);
          rollouts.awaitFlips(2 + 11);
          assertAlternating(rollouts, 2 + 11);
        }
      } finally {
        first.destroyForcibly();
      }
    }
  }

  @Test
  void shouldTakeChargeAgainWhenAnotherHadTheRightToWrite() throws Exception {
    try (Rollouts rollouts = rollouts("fenced"); Coordinator coordinator = Coordinator.start(rollouts.config(), "v1")) {
      rollouts.publish("v1");
      rollouts.await("v1", RolloutState.ACTIVE);
      Map<String, Object> settings = rollouts.config().kafkaClient();
      settings.put("transactional.id", Coordinator.group(rollouts.config()));
      try (var usurper = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
        usurper.initTransactions();
      }
      rollouts.publish("v2");
      rollouts.await("v2", RolloutState.WARMING);
      assertThat(rollouts.history()).containsExactly("v1 PUBLISHED", "v1 ACTIVE", "v2 PUBLISHED", "v2 WARMING");
    }
  }

  @Test
  void shouldOutliveTheBrokerAndSaySoOnce() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(Coordinator.class);
    Outages outages = new Outages();
    outages.start();
    logger.addAppender(outages);
    Map<String, String> quick = new HashMap<>(SHORT_WAITS);
    quick.putAll(Map.of("kafka.default.api.timeout.ms", "1000", "kafka.request.timeout.ms", "1000"));
    LocalCluster own = LocalCluster.open(dir.resolve("data"), AccreteConfig.of(quick), Ports.ANY);
    Rollouts before = new Rollouts(own.config(), "outage", Map.of());
    try (Coordinator coordinator = Coordinator.start(before.config(), "v1")) {
      before.publish("v1");
      before.roll("v2");
      before.publish("v3");
      before.await("v3", RolloutState.WARMING); // so that the brokers are asked for the instances all the time
      before.close();
      own.close();
      outages.first.await();
      own = LocalCluster.open(dir.resolve("data"), AccreteConfig.of(quick), Ports.ANY);
      try (Rollouts after = new Rollouts(own.config(), "outage", Map.of())) {
        after.ready("v3", "one");
        after.await("v3", RolloutState.BACKFILLING);
      }
      assertThat(outages.told).hasValue(1);
      own.close(); // and closing does not need it
    } finally {
      own.close();
      logger.detachAppender(outages);
    }
  }

  /** How often the log tells that nothing is coordinated. */
  private static final class Outages extends AppenderBase<ILoggingEvent> {
    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicInteger told = new AtomicInteger();

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getFormattedMessage().startsWith("Rollouts are not coordinated")) {
        told.incrementAndGet();
        first.countDown();
      }
    }
  }

  private static Rollouts rollouts(String application) {
    return new Rollouts(cluster.config(), application, SHORT_WAITS);
  }

  /** Each rollback changes places, so one too many or too few would be seen. */
  private static void assertAlternating(Rollouts rollouts, int flips) {
    List<String> active = rollouts.events().stream().filter(event -> event.getState() == RolloutState.ACTIVE)
        .map(RolloutEvent::getModelVersion).toList();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < flips; i++) {
      expected.add(i % 2 == 0 ? "v1" : "v2");
    }
    assertThat(active).isEqualTo(expected);
  }

  private Process process(Rollouts rollouts) throws Exception {
    return ChildJvm.of(CoordinatorMain.class, 256, dir.resolve("coordinator.out"), List.of(rollouts.configFile(dir).toString(), "v1"))
        .start();
  }
}
