package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.bundle.Bundle;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.RolloutState;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.rollout.RolloutReader;
import io.accrete.streams.rollout.RolloutView;
import io.accrete.subscriber.EmbeddingListener;
import io.accrete.subscriber.EmbeddingSubscriber;
import io.accrete.subscriber.Position;
import io.accrete.topics.Topics;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model version rolled out and back while events of every kind stream in, by a whole application and its commands. */
class RollingTest {
  private static final long FIRST_SEED = 1;
  private static final long SECOND_SEED = 11;
  private static final int BEFORE = 150;
  private static final int AFTER = 50;

  @TempDir private Path dir;
  private final HttpClient http = HttpClient.newHttpClient();
  private final long seed = new Random().nextLong();
  private final RandomEvents events = new RandomEvents(seed);
  private final ReferenceModel underFirst = new ReferenceModel();
  private final ReferenceModel underSecond = new ReferenceModel();
  private final Space space = new Space();
  private LocalCluster cluster;
  private KafkaProducer<String, ImageEvent> producer;
  private RolloutReader rollouts;

  @Test
  @Timeout(240)
  void shouldRollOutAndBackWhileEventsStreamIn() throws Exception {
    System.out.println("RollingTest seed " + seed);
    Bundle first = Runs.tinyBundle(dir.resolve("first"), FIRST_SEED);
    Bundle second = Runs.tinyBundle(dir.resolve("second"), SECOND_SEED);
    try (LocalCluster running = LocalCluster.open(dir.resolve("data"), Runs.config(first, Map.of()), Ports.ANY);
        Model one = Model.load(first, RuntimeOptions.cpu());
        Model two = Model.load(second, RuntimeOptions.cpu())) {
      cluster = running;
      underFirst.serve(one);
      underSecond.serve(two);
      Instance app = cluster.serve(first);
      app.awaitRunning(Duration.ofSeconds(90));
      try (KafkaProducer<String, ImageEvent> sender = new KafkaProducer<>(cluster.config().kafkaClient(), new StringSerializer(),
              AvroSerdes.<ImageEvent>serializer(cluster.config()));
          RolloutReader reader = new RolloutReader(cluster.config());
          EmbeddingSubscriber subscriber = new EmbeddingSubscriber(cluster.config(), space)) {
        producer = sender;
        rollouts = reader;
        CompletableFuture<Void> subscription = CompletableFuture.runAsync(subscriber);
        send(BEFORE);

        assertThat(command("publish", second.root().toString())).contains("Published " + second.version());
        while (!isActive(second.version())) {
          send(1);
        }
        assertThat(command("status", second.version())).contains("ACTIVE");
        send(AFTER);
        check(second.version(), underSecond, app);
        assertEqual(published(first.version(), app), expected(first.version(), underFirst)); // goes on while it drains

        command("rollback");
        while (!isActive(first.version())) {
          send(1);
        }
        send(AFTER);
        check(first.version(), underFirst, app);
        assertEqual(published(second.version(), app), expected(second.version(), underSecond));
        assertThat(rollouts.poll(Duration.ZERO).state(second.version())).contains(RolloutState.DRAINING);
        assertThat(space.visited()).containsExactly(first.version(), second.version(), first.version());
        subscriber.close();
        subscription.join();
      }
    }
  }

  private void send(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      String object = events.object();
      ImageEvent event = events.event();
      underFirst.apply(object, event);
      underSecond.apply(object, event);
      producer.send(new ProducerRecord<>(new Topics(cluster.config()).imageEvents(), object, event)).get();
    }
  }

  private boolean isActive(String version) {
    RolloutView view = rollouts.poll(Duration.ofMillis(5));
    assertThat(view.state(version).orElse(null)).as("%s", view.event(version)).isNotEqualTo(RolloutState.FAILED);
    return view.state(version).filter(state -> state == RolloutState.ACTIVE).isPresent();
  }

  /** The version is served, to queries and to subscribers, and complete. */
  private void check(String version, ReferenceModel reference, Instance app) throws Exception {
    Map<String, float[]> expected = expected(version, reference);
    Map<String, float[]> published = published(version, app);
    assertEqual(published, expected);
    space.await(version, published);
    for (int number = 0; number < RandomEvents.OBJECTS; number++) {
      String object = RandomEvents.objectId(number);
      URI uri = app.url().resolve("/v1/objects/" + URLEncoder.encode(object, StandardCharsets.UTF_8).replace("+", "%20"));
      HttpResponse<String> answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(expected.containsKey(object) ? 200 : 404);
      if (expected.containsKey(object)) {
        assertThat(answer.body()).contains("\"modelVersion\":\"" + version + "\"", "\"imageCount\":" + reference.images(object));
      }
    }
  }

  /** What folding each object's images from nothing gives; objects that are gone are left out. */
  private static Map<String, float[]> expected(String version, ReferenceModel reference) {
    Map<String, float[]> expected = new TreeMap<>();
    reference.history(version).forEach((object, changes) -> {
      float[] embedding = changes.get(changes.size() - 1).embedding();
      if (embedding != null) {
        expected.put(object, embedding);
      }
    });
    return expected;
  }

  /** The newest embeddings when every event is committed, and what was published for it can be read. */
  private Map<String, float[]> published(String version, Instance app) throws Exception {
    Map<String, float[]> published = new TreeMap<>();
    try (FoldRun run = new FoldRun(cluster.config(), version)) {
      run.run(List.of(), app);
      run.objects().forEach((object, embedding) -> published.put(object, Runs.vector(embedding)));
    }
    return published;
  }

  private static void assertEqual(Map<String, float[]> found, Map<String, float[]> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet()).isNotEmpty();
    expected.forEach((object, embedding) -> assertThat(found.get(object)).as(object).containsExactly(embedding, within(1e-6f)));
  }

  private String command(String... arguments) {
    List<String> line = new ArrayList<>(List.of("models"));
    line.addAll(List.of(arguments));
    return Runs.execute(cluster, line);
  }

  /** What a service that subscribes holds. */
  private static final class Space implements EmbeddingListener {
    private final List<String> visited = new ArrayList<>();
    private final List<String> mixed = new ArrayList<>();
    private final Map<String, float[]> vectors = new TreeMap<>();

    @Override
    public synchronized void onSpace(String modelVersion, boolean reset) {
      visited.add(modelVersion);
      vectors.clear();
    }

    @Override
    public synchronized void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
      if (!embedding.getModelVersion().equals(last())) {
        mixed.add(embedding.getModelVersion() + " in " + last());
      }
      vectors.put(objectId, Runs.vector(embedding));
      notifyAll();
    }

    @Override
    public synchronized void onGone(String objectId, Position position) {
      vectors.remove(objectId);
      notifyAll();
    }

    synchronized List<String> visited() {
      return List.copyOf(visited);
    }

    private String last() {
      return visited.isEmpty() ? "none" : visited.get(visited.size() - 1);
    }

    /** Waits until exactly that is held, of that space alone; the test's time limit ends it. */
    synchronized void await(String version, Map<String, float[]> expected) throws InterruptedException {
      while (!last().equals(version) || !isHeld(expected)) {
        wait();
      }
      assertThat(mixed).isEmpty();
    }

    private boolean isHeld(Map<String, float[]> expected) {
      return vectors.keySet().equals(expected.keySet())
          && expected.entrySet().stream().allMatch(each -> Arrays.equals(vectors.get(each.getKey()), each.getValue()));
    }
  }
}
