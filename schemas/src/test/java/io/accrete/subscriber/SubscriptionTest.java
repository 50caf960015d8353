package io.accrete.subscriber;

import static io.accrete.events.RolloutState.ACTIVE;
import static io.accrete.events.RolloutState.BACKFILLING;
import static io.accrete.events.RolloutState.DRAINING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.registry.TestRegistry;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SubscriptionTest {
  private final Told told = new Told();
  private TestRegistry registry;
  private AccreteConfig config;
  private TopicsInMemory kafka;

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
    config = AccreteConfig.of(Map.of(ConfigKeys.REGISTRY_URL, registry.url()));
    kafka = new TopicsInMemory(config);
    kafka.create("V1");
    kafka.create("V2");
    kafka.create("V3");
  }

  @AfterEach
  void stop() {
    kafka.close();
    registry.close();
  }

  private List<String> run() {
    return run(Start.beginning(), Unreadable.FAIL, told);
  }

  private List<String> run(Start start, Unreadable unreadable, EmbeddingListener listener) {
    Patience patience = new Patience();
    kafka.whenIdle(patience::stop);
    told.lines().clear();
    try (RecordReader records = new RecordReader(config, unreadable, patience)) {
      new Subscription(new Topics(config), kafka, records, listener, start, patience).run();
    }
    return told.lines();
  }

  @Test
  void shouldDeliverTheActiveSpaceAndNoneOfItsPast() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "old");
    kafka.flip("V1", "V2");
    kafka.write("V2", 0, "a", "1");
    kafka.write("V2", 0, "a", "2");
    kafka.writeHole("V2", 0);
    kafka.then(() -> { }).then(() -> { }).then(() -> { }).then(() -> kafka.write("V2", 0, "a", null));

    assertThat(run()).containsExactly("V2 reset", "a=1@0:1", "a=2@0:2", "caught up", "a=gone@0:4");
  }

  @Test
  void shouldDropTheRestOfTheOldSpaceAtAFlip() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.write("V2", 0, "a", "1 anew");
    kafka.then(() -> { }).then(() -> { }).then(() -> {
      kafka.write("V1", 0, "a", "2");
      kafka.write("V2", 0, "a", "2 anew");
      kafka.flip("V1", "V2");
      kafka.write("V1", 1, "b", "3");
    });

    assertThat(run()).containsExactly("V1 reset", "a=1@0:1", "caught up", "V2 reset", "a=1 anew@0:1", "a=2 anew@0:2", "caught up");
  }

  @Test
  void shouldFlipOnceThoughTheRecordsComeOneByOne() {
    for (int seed = 0; seed < 20; seed++) {
      start(new Random(seed));
      kafka.most(1, new Random(seed));
      kafka.rollout("V1", ACTIVE);
      kafka.write("V1", 0, "a", "1");
      kafka.write("V2", 0, "a", "2");
      kafka.then(() -> { }).then(() -> { }).then(() -> kafka.flip("V1", "V2"))
          .then(() -> { }).then(() -> { }).then(() -> { }).then(() -> { })
          .then(() -> {
            kafka.rollout("V1", ACTIVE); // the other order
            kafka.rollout("V2", DRAINING);
          });
      assertThat(run()).as("seed " + seed).containsSubsequence("V1 reset", "V2 reset", "V1 reset", "a=1@0:1", "caught up");
      assertThat(told.lines().stream().filter(line -> line.endsWith(" reset"))).hasSize(3);
    }
  }

  private void start(Random random) {
    kafka.close();
    kafka = new TopicsInMemory(config);
    kafka.create("V1");
    kafka.create("V2");
    kafka.most(1, random);
  }

  @Test
  void shouldNotNoticeAFlipThereAndBack() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.then(() -> { }).then(() -> { }).then(() -> {
      kafka.flip("V1", "V2");
      kafka.write("V1", 0, "a", "2");
      kafka.flip("V2", "V1");
    });

    assertThat(run()).containsExactly("V1 reset", "a=1@0:1", "caught up", "a=2@0:2");
  }

  @Test
  void shouldBeginTheLastOfSeveralSpacesWhileCatchingUp() {
    kafka.rollout("V1", ACTIVE);
    for (String version : List.of("V1", "V2", "V3")) {
      for (int i = 0; i < 3; i++) {
        kafka.write(version, 0, "a", version + "-" + i);
      }
    }
    kafka.most(1, new Random(3));
    kafka.then(() -> { }).then(() -> { }).then(() -> kafka.flip("V1", "V2")).then(() -> { }).then(() -> kafka.flip("V2", "V3"));

    List<String> lines = run();
    assertThat(lines.get(0)).isEqualTo("V1 reset");
    assertThat(lines.subList(lines.indexOf("V3 reset"), lines.size()))
        .containsExactly("V3 reset", "a=V3-0@0:1", "a=V3-1@0:2", "a=V3-2@0:3", "caught up");
    assertThat(lines).containsOnlyOnce("caught up");
  }

  @Test
  void shouldDeliverTheOldSpaceAnewAfterARollback() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.then(() -> { }).then(() -> { }).then(() -> kafka.flip("V1", "V2")).then(() -> { }).then(() -> {
      kafka.write("V1", 1, "b", "2");
      kafka.flip("V2", "V1");
    });

    assertThat(run()).startsWith("V1 reset", "a=1@0:1", "caught up", "V2 reset", "caught up", "V1 reset").endsWith("caught up")
        .hasSize(9);
    assertThat(told.lines().subList(6, 8)).containsExactlyInAnyOrder("a=1@0:1", "b=2@1:1");
  }

  @Test
  void shouldGoOnAtPositions() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.write("V1", 0, "a", "2");
    run();
    List<Position> kept = List.copyOf(told.positions());
    kafka.write("V1", 0, "a", "3");
    kafka.write("V1", 1, "b", "4");

    assertThat(run(Start.at(kept), Unreadable.FAIL, told)).startsWith("V1 goes on").endsWith("caught up").hasSize(4)
        .contains("a=3@0:3", "b=4@1:1");
  }

  @Test
  void shouldBeginAnewUnlessAllPositionsAreOfTheSpace() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.write("V1", 1, "b", "2");
    Position fits = new Position("V1", kafka.id("V1"), 0, 1);
    for (Position other : List.of(
        new Position("V2", kafka.id("V2"), 1, 0),
        new Position("V1", kafka.id("V2"), 1, 1),
        new Position("V1", kafka.id("V1"), 1, 2),
        new Position("V1", kafka.id("V1"), 1, -1),
        new Position("V1", kafka.id("V1"), 2, 0))) {
      assertThat(run(Start.at(List.of(fits, other)), Unreadable.FAIL, told)).as(other.toString())
          .startsWith("V1 reset").contains("a=1@0:1", "b=2@1:1").hasSize(4);
    }
    kafka.deleteRecords("V1", 0);
    assertThat(run(Start.at(List.of(new Position("V1", kafka.id("V1"), 0, 0))), Unreadable.FAIL, told))
        .containsExactly("V1 reset", "b=2@1:1", "caught up");
  }

  @Test
  void shouldUsePositionsForTheFirstSpaceOnly() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.then(() -> { }).then(() -> { }).then(() -> kafka.flip("V1", "V2")).then(() -> { }).then(() -> kafka.flip("V2", "V1"));

    assertThat(run(Start.at(List.of(new Position("V1", kafka.id("V1"), 0, 1))), Unreadable.FAIL, told))
        .containsExactly("V1 goes on", "caught up", "V2 reset", "caught up", "V1 reset", "a=1@0:1", "caught up");
  }

  @Test
  void shouldWatchFromNowOn() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.write("V2", 0, "a", "1");
    kafka.then(() -> { }).then(() -> { }).then(() -> kafka.write("V1", 0, "a", "2")).then(() -> kafka.flip("V1", "V2"))
        .then(() -> kafka.write("V2", 0, "a", "2"));

    assertThat(run(Start.end(), Unreadable.FAIL, told))
        .containsExactly("V1 reset", "caught up", "a=2@0:2", "V2 reset", "caught up", "a=2@0:2");
  }

  @Test
  void shouldWaitForAVersion() {
    kafka.then(() -> kafka.rollout("V1", BACKFILLING)).then(() -> { }).then(() -> kafka.rollout("V1", ACTIVE));

    assertThat(run()).containsExactly("V1 reset", "caught up");
  }

  @Test
  void shouldNotMindThatTheOldTopicIsDeleted() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.write("V2", 0, "a", "2");
    kafka.then(() -> { }).then(() -> { }).then(() -> {
      kafka.delete("V1");
      kafka.rollout("V3", BACKFILLING); // makes it look
    }).then(() -> kafka.flip("V1", "V2"));

    assertThat(run()).containsExactly("V1 reset", "a=1@0:1", "caught up", "V2 reset", "a=2@0:1", "caught up");
  }

  @Test
  void shouldWaitForTheTopicOfTheNewSpace() {
    kafka.rollout("V1", ACTIVE);
    kafka.delete("V2");
    kafka.then(() -> { }).then(() -> { }).then(() -> kafka.flip("V1", "V2")).then(() -> kafka.write("V1", 0, "a", "of the old space"))
        .then(() -> kafka.create("V2"));

    assertThat(run()).containsExactly("V1 reset", "caught up", "V2 reset", "caught up");
  }

  @Test
  void shouldBeginAnewWhereItsPlaceIsLost() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.most(1, new Random(1));
    kafka.then(() -> { }).then(() -> { }).then(() -> {
      kafka.write("V1", 0, "a", "2");
      kafka.write("V1", 0, "a", "3");
      kafka.deleteRecords("V1", 0);
      kafka.write("V1", 0, "a", "4");
    });

    assertThat(run()).containsExactly("V1 reset", "a=1@0:1", "caught up", "V1 reset", "a=4@0:4", "caught up");
  }

  @Test
  void shouldTellATopicMadeAnewFromTheOneBefore() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.then(() -> { }).then(() -> { }).then(() -> {
      kafka.create("V1");
      kafka.write("V1", 0, "b", "1");
      kafka.write("V1", 0, "b", "2");
      kafka.rollout("V1", ACTIVE);
    });

    assertThat(run()).containsExactly("V1 reset", "a=1@0:1", "caught up", "V1 reset", "b=1@0:1", "b=2@0:2", "caught up");
  }

  @Test
  void shouldReadRolloutsAnewWhereTheirTopicIsMadeAnew() {
    kafka.rollout("V1", ACTIVE);
    kafka.flip("V1", "V2");
    kafka.write("V3", 0, "a", "1");
    kafka.then(() -> { }).then(() -> { }).then(() -> {
      kafka.createRollouts();
      kafka.rollout("V3", ACTIVE);
    });

    assertThat(run()).containsExactly("V2 reset", "caught up", "V3 reset", "a=1@0:1", "caught up");
  }

  @Test
  void shouldLeaveOutNothingWhileThereIsNoBroker() {
    kafka.fail(2);
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    kafka.then(() -> { }).then(() -> kafka.fail(2)).then(() -> { }).then(() -> {
      kafka.write("V1", 0, "a", "2");
      kafka.rollout("V2", BACKFILLING); // makes it look, and find nothing
      kafka.fail(3);
    }).then(() -> kafka.write("V1", 0, "a", "3"));

    assertThat(run()).containsSubsequence("a=1@0:1", "a=2@0:2", "a=3@0:3");
    assertThat(told.lines()).hasSize(5).containsOnlyOnce("V1 reset", "caught up", "a=1@0:1", "a=2@0:2", "a=3@0:3");
  }

  @Test
  void shouldLeaveOutNothingWhileThereIsNoRegistry() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    for (int i = 0; i < 6; i++) {
      registry.next(503, "{}");
    }

    assertThat(run()).containsExactly("V1 reset", "a=1@0:1", "caught up");
  }

  @Test
  void shouldFailAtWhatCannotBeRead() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 1, "a", "1");
    kafka.writeRaw("V1", 1, "b", new byte[] {1, 2, 3});

    assertThatExceptionOfType(SubscriberException.class).isThrownBy(this::run)
        .withMessageContaining("offset 1 of object-embeddings.V1-1").withMessageContaining("Unreadable.SKIP");
    assertThat(told.lines()).containsExactly("V1 reset", "a=1@1:1");
  }

  @Test
  void shouldNeverDeliverVectorsOfAnotherSpace() {
    kafka.rollout("V1", ACTIVE);
    kafka.writeOf("V2", "V1", 0, "a");

    assertThatExceptionOfType(SubscriberException.class).isThrownBy(this::run)
        .withMessageContaining("is of model version 'V2'; expected 'V1'");
  }

  @Test
  void shouldPassOverWhatCannotBeReadWhereTheUserWantsThat() {
    kafka.rolloutRaw("not a version", new byte[] {0});
    kafka.rolloutRaw(null, null);
    kafka.rollout("V1", ACTIVE);
    kafka.rolloutRaw("V1", new byte[] {0});
    kafka.writeRaw("V1", 0, "b", new byte[] {1, 2, 3});
    kafka.writeRaw("V1", 0, null, null);
    kafka.writeOf("V2", "V1", 0, "a");
    kafka.write("V1", 0, "a", "1");

    assertThat(run(Start.beginning(), Unreadable.SKIP, told)).containsExactly("V1 reset", "a=1@0:4", "caught up");
  }

  @Test
  void shouldEndWithTheExceptionOfTheListener() {
    kafka.rollout("V1", ACTIVE);
    kafka.write("V1", 0, "a", "1");
    RuntimeException own = new TimeoutException("the listener's own broker"); // one that is waited for where it is ours
    assertThatThrownBy(() -> run(Start.beginning(), Unreadable.FAIL, new EmbeddingListener() {
      @Override
      public void onSpace(String modelVersion, boolean reset) {
        told.onSpace(modelVersion, reset);
      }

      @Override
      public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
        throw own;
      }

      @Override
      public void onGone(String objectId, Position position) {
        throw new AssertionError("nothing is gone");
      }
    })).isSameAs(own);
    assertThat(told.lines()).containsExactly("V1 reset");
  }
}
