package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.ModelVersion;
import io.accrete.events.RolloutAction;
import io.accrete.events.RolloutCommand;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.rollout.RolloutReader;
import io.accrete.streams.rollout.RolloutView;
import io.accrete.topics.Topics;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Model versions rolled out one after the other while events of every kind stream in, and instances that share the partitions are killed,
 * join and leave in every state of a rollout. What was published under a version must be what a model of the rules publishes, from some
 * change of each object on: nothing missing, nothing mixed, nothing twice.
 */
class RolloutKillTest {
  private static final int PARTITIONS = 4;
  private static final int BEFORE = 100;
  private static final int MOST_WAITING = 100; // events that nobody has worked on yet: a slow machine must not fall behind without end
  private static final long PATIENCE_SECONDS = 300;
  private static final Map<String, String> SETTINGS = Map.of(
      ConfigKeys.TOPIC_PARTITIONS, Integer.toString(PARTITIONS),
      ConfigKeys.SWEEP_SHARE, "0.02", // so that there is time to pause a sweep before it is through
      ConfigKeys.HTTP_HOSTS, "127.0.0.1",
      ConfigKeys.HTTP_PRIVATE_NETWORKS, "127.0.0.0/8");

  private record Sent(String object, ImageEvent event) {}

  /** What must have been published under a version. */
  private static final class Expected {
    private final Model model;
    private final ReferenceModel reference = new ReferenceModel();
    private int applied;

    Expected(Bundle bundle) {
      model = Model.load(bundle, RuntimeOptions.cpu());
      reference.serve(model);
    }

    ReferenceModel after(List<Sent> events) {
      for (; applied < events.size(); applied++) {
        reference.apply(events.get(applied).object, events.get(applied).event);
      }
      return reference;
    }
  }

  @TempDir private Path dir;
  private final long seed = Long.getLong("accrete.faults.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final RandomEvents events = new RandomEvents(seed);
  private final List<Sent> sent = new ArrayList<>();
  private final Map<String, Expected> versions = new LinkedHashMap<>();
  private final List<RealCluster.Server> servers = new ArrayList<>(); // those that are to run
  private int bundles;
  private GatedStore store;
  private RealCluster cluster;
  private Topics topics;
  private KafkaProducer<String, ImageEvent> producer;
  private RolloutReader rollouts;

  @Test
  @Timeout(1800)
  void shouldCompleteEveryRolloutWhoeverIsKilledWhenever() throws Exception {
    System.out.println("RolloutKillTest seed " + seed);
    try (GatedStore gated = new GatedStore(dir.resolve("store")); RealCluster running = new RealCluster(dir, SETTINGS)) {
      store = gated;
      cluster = running;
      topics = new Topics(cluster.config());
      try (Admin admin = Admin.create(cluster.config().kafkaClient())) {
        topics.create(admin);
      }
      try (KafkaProducer<String, ImageEvent> sender = new KafkaProducer<>(cluster.config().kafkaClient(), new StringSerializer(),
              AvroSerdes.<ImageEvent>serializer(cluster.config()));
          RolloutReader reader = new RolloutReader(cluster.config())) {
        producer = sender;
        rollouts = reader;
        roll();
      } catch (AssertionError | Exception e) {
        System.out.println(cluster.allOutput());
        throw e;
      }
    } finally {
      versions.values().forEach(version -> version.model.close());
    }
  }

  private void roll() throws Exception {
    Bundle first = bundle();
    servers.add(cluster.serve("one", first.root()));
    servers.add(cluster.serve("two", first.root()));
    for (RealCluster.Server server : servers) {
      server.awaitReady();
    }
    send(BEFORE);

    String warmed = killWhileWarming();
    String filled = killWhileBackfilling();
    String flipped = killAtTheFlip();
    killWhileDraining(filled, flipped);
    killWhileRemoving(first.version(), warmed);
    RealCluster.Server third = join();
    leave(third);
    supersede();
  }

  /** The version is published twice, too. */
  private String killWhileWarming() throws Exception {
    store.hold();
    Bundle bundle = bundle();
    publish(bundle);
    publish(bundle);
    await(bundle.version(), RolloutState.WARMING);
    RealCluster.Server killed = kill(true);
    assertThat(rollouts.catchUp().state(bundle.version())).contains(RolloutState.WARMING);
    store.release();
    killed.start();
    await(bundle.version(), RolloutState.ACTIVE);
    check();
    assertThat(history(bundle.version())).containsExactly(RolloutState.PUBLISHED, RolloutState.WARMING, RolloutState.BACKFILLING,
        RolloutState.ACTIVE);
    return bundle.version();
  }

  /** Once while the sweep rests, and once in the middle of it. */
  private String killWhileBackfilling() throws Exception {
    String version = publish(bundle());
    pause(version);
    RealCluster.Server killed = kill(false);
    assertThat(rollouts.catchUp().state(version)).contains(RolloutState.BACKFILLING);
    killed.start();
    command(RolloutAction.RESUME, version);
    await("objects covered under " + version, view -> view.coverage(version, PARTITIONS).covered() > 0);
    kill(true).start();
    await(version, RolloutState.ACTIVE);
    check();
    return version;
  }

  private String killAtTheFlip() throws Exception {
    String version = publish(bundle());
    boolean before = random.nextBoolean();
    await("the flip to " + version,
        view -> before ? view.coverage(version, PARTITIONS).isComplete() : view.state(version).equals(Optional.of(RolloutState.ACTIVE)));
    kill(true).start();
    await(version, RolloutState.ACTIVE);
    check();
    return version;
  }

  private void killWhileDraining(String draining, String active) throws Exception {
    RealCluster.Server killed = kill(false);
    command(RolloutAction.ROLLBACK, draining);
    await(draining, RolloutState.ACTIVE);
    killed.start();
    check();
    command(RolloutAction.ROLLBACK, active);
    await(active, RolloutState.ACTIVE);
  }

  private void killWhileRemoving(String... old) throws Exception {
    boolean inCharge = true;
    for (String version : old) {
      command(RolloutAction.RETIRE, version);
      await(version, RolloutState.RETIRED);
      kill(inCharge).start();
      inCharge = !inCharge;
      awaitRemoved(version);
    }
    check();
  }

  private RealCluster.Server join() throws Exception {
    String version = publish(bundle());
    pause(version);
    RealCluster.Server third = cluster.serve("three", servers.get(0).bundle);
    servers.add(third);
    third.awaitReady();
    command(RolloutAction.RESUME, version);
    await(version, RolloutState.ACTIVE);
    check();
    return third;
  }

  /** One for good while it warms, and another while it is swept. */
  private void leave(RealCluster.Server third) throws Exception {
    store.hold();
    String version = publish(bundle());
    await(version, RolloutState.WARMING);
    stop(third);
    assertThat(rollouts.catchUp().state(version)).contains(RolloutState.WARMING);
    store.release();
    pause(version);
    stop(servers.get(1));
    command(RolloutAction.RESUME, version);
    await(version, RolloutState.ACTIVE);
    check();
  }

  /** By two that are published in a row. */
  private void supersede() throws Exception {
    String version = publish(bundle());
    pause(version);
    String passedOver = publish(bundle());
    String newest = publish(bundle());
    await(version, RolloutState.FAILED);
    assertThat(rollouts.catchUp().event(version).orElseThrow().getReason()).startsWith("superseded by ");
    awaitRemoved(version);
    await(newest, RolloutState.ACTIVE);
    assertThat(rollouts.catchUp().state(passedOver).orElseThrow()).isIn(RolloutState.PUBLISHED, RolloutState.FAILED);
    versions.remove(passedOver).model.close();
    check();
  }

  private Bundle bundle() {
    bundles++;
    Bundle bundle = Runs.tinyBundle(dir.resolve("store").resolve("m" + bundles), 10 * bundles);
    versions.put(bundle.version(), new Expected(bundle));
    return bundle;
  }

  private String publish(Bundle bundle) throws Exception {
    ModelVersion model = Runs.record(bundle, store.address(bundle.root().getFileName().toString()));
    Runs.send(cluster.config(), topics.modelVersions(), bundle.version(), model);
    return bundle.version();
  }

  private void command(RolloutAction action, String version) throws Exception {
    Runs.send(cluster.config(), topics.rolloutCommands(), version, RolloutCommand.newBuilder().setAction(action).setModelVersion(version)
        .setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS)).build());
  }

  /** Has a version rest while it is BACKFILLING. */
  private void pause(String version) throws Exception {
    await(version, RolloutState.BACKFILLING);
    command(RolloutAction.PAUSE, version);
    await(version + " paused", view -> view.event(version).filter(RolloutEvent::getPaused).isPresent());
  }

  /** Kills the instance that is in charge of the rollouts, or another, and does not start it again. */
  private RealCluster.Server kill(boolean inCharge) throws Exception {
    String[] name = new String[1];
    await("somebody in charge", any -> {
      name[0] = cluster.inCharge().orElse(null);
      return servers.stream().anyMatch(server -> server.name.equals(name[0]) && server.process.isAlive());
    });
    RealCluster.Server killed = servers.stream().filter(server -> server.name.equals(name[0]) == inCharge).findFirst().orElseThrow();
    killed.killNow();
    System.out.println("  killed " + killed.name + (inCharge ? ", in charge; " : "; ") + sent.size() + " events");
    return killed;
  }

  private void stop(RealCluster.Server server) throws Exception {
    servers.remove(server);
    server.stop();
  }

  private void send(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      Sent next = new Sent(events.object(), events.event());
      producer.send(new ProducerRecord<>(topics.imageEvents(), next.object, next.event)).get();
      sent.add(next);
    }
  }

  private void await(String version, RolloutState state) throws Exception {
    await(version + " " + state, view -> {
      Optional<RolloutState> now = view.state(version);
      if (state != RolloutState.FAILED) {
        assertThat(now).as("%s", view.event(version)).isNotEqualTo(Optional.of(RolloutState.FAILED));
      }
      return now.equals(Optional.of(state));
    });
  }

  private void awaitRemoved(String version) throws Exception {
    try (Admin admin = Admin.create(cluster.config().kafkaClient())) {
      await("no topic of " + version, any -> !admin.listTopics().names().get().contains(topics.embeddings(version)));
    }
    versions.remove(version).model.close();
  }

  private interface Condition {
    boolean holds(RolloutView view) throws Exception;
  }

  /** Waits while events stream in. */
  private void await(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.holds(rollouts.poll(Duration.ofMillis(10)))) {
      assertThat(System.nanoTime()).as("waited for %s; found %s", what, rollouts.poll(Duration.ZERO).events()).isLessThan(deadline);
      if (sent.size() - cluster.committed() < MOST_WAITING) {
        send(1);
      }
    }
  }

  /** What was published under every version that is ACTIVE or DRAINING, and what queries answer. */
  private void check() throws Exception {
    RealCluster.Server alive = servers.get(0);
    cluster.awaitCommitted(sent.size(), alive);
    RolloutView view = rollouts.catchUp();
    int changes = 0;
    for (RolloutEvent event : view.events()) {
      if (event.getState() == RolloutState.ACTIVE || event.getState() == RolloutState.DRAINING) {
        changes += check(event.getModelVersion());
      }
    }
    String active = view.latest(RolloutState.ACTIVE).orElseThrow().getModelVersion();
    checkQueries(active);
    System.out.println("  " + active + " is ACTIVE; " + changes + " changes under " + versions.keySet());
  }

  private int check(String version) {
    Map<String, List<ReferenceModel.Change>> expected = versions.get(version).after(sent).history(version);
    Map<String, List<ReferenceModel.Change>> published = Runs.changes(cluster.config(), version);
    assertThat(expected.keySet()).containsAll(published.keySet());
    int changes = 0;
    for (Map.Entry<String, List<ReferenceModel.Change>> each : expected.entrySet()) {
      List<ReferenceModel.Change> all = each.getValue();
      List<ReferenceModel.Change> found = published.getOrDefault(each.getKey(), List.of());
      String object = version + ", " + each.getKey();
      assertThat(found.size()).as(object).isBetween(all.get(all.size() - 1).embedding() == null ? 0 : 1, all.size());
      ReferenceModel.Change.assertEqual(object, found, all.subList(all.size() - found.size(), all.size()));
      changes += found.size();
    }
    return changes;
  }

  /** Every object is answered by every instance, as soon as partitions are where they are to be. */
  private void checkQueries(String version) throws Exception {
    for (RealCluster.Server server : servers) {
      server.awaitReady();
    }
    for (int number = 0; number < RandomEvents.OBJECTS; number++) {
      String object = RandomEvents.objectId(number);
      int images = versions.get(version).reference.images(object);
      HttpResponse<String> answer = answer("/v1/objects/" + URLEncoder.encode(object, StandardCharsets.UTF_8).replace("+", "%20"));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(images == 0 ? 404 : 200);
      if (images > 0) {
        assertThat(answer.body()).contains("\"modelVersion\":\"" + version + "\"", "\"imageCount\":" + images);
      }
    }
  }

  private HttpResponse<String> answer(String path) throws Exception {
    List<HttpResponse<String>> answers = new ArrayList<>();
    cluster.await("an answer to " + path, servers.get(0).process, () -> {
      answers.clear();
      servers.stream().map(server -> server.get(path)).filter(answer -> answer.statusCode() != 503).forEach(answers::add);
      return answers.size() == servers.size();
    });
    assertThat(answers).extracting(HttpResponse::body).containsOnly(answers.get(0).body());
    return answers.get(0);
  }

  /** The states that a version went through. */
  private List<RolloutState> history(String version) {
    List<RolloutState> states = new ArrayList<>();
    try (CommittedTopic<RolloutEvent> topic = new CommittedTopic<>(cluster.config(), topics.modelRollouts(),
        AvroSerdes.deserializer(RolloutEvent.class, cluster.config()))) {
      topic.catchUp(record -> {
        boolean news = states.isEmpty() || states.get(states.size() - 1) != record.value().getState();
        if (record.key().equals(version) && news) {
          states.add(record.value().getState());
        }
      });
    }
    return states;
  }
}
