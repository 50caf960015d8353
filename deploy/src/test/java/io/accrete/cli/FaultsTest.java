package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.http.PathIds;
import io.accrete.streams.topology.DeadLetters;
import io.accrete.subscriber.SubscriberCluster;
import io.accrete.topics.Topics;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances that are killed and lose their state, and a registry that goes away, while events of every kind stream in. What was
 * published must be what a model of the rules publishes, in the same order, and nothing else.
 */
class FaultsTest {
  private static final int PARTITIONS = 4;
  private static final int BURST = 120;

  @TempDir private Path dir;
  private final ReferenceModel reference = new ReferenceModel();
  private final long seed = Long.getLong("accrete.faults.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final RandomEvents events = new RandomEvents(seed);
  private RealCluster cluster;
  private KafkaProducer<String, ImageEvent> producer;
  private Model model;
  private int sent;

  @BeforeEach
  void say() {
    System.out.println("FaultsTest seed " + seed);
  }

  @Test
  @Timeout(400)
  void shouldPublishExactlyWhatTheRulesSayThoughInstancesAndRegistryFail() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 1);
    try (RealCluster running = new RealCluster(dir, Map.of(ConfigKeys.TOPIC_PARTITIONS, Integer.toString(PARTITIONS)));
        Model loaded = Model.load(bundle, RuntimeOptions.cpu())) {
      cluster = running;
      model = loaded;
      reference.serve(model);
      try (Admin admin = Admin.create(cluster.config().kafkaClient())) {
        new Topics(cluster.config()).create(admin, bundle.version());
      }
      producer = new KafkaProducer<>(cluster.config().kafkaClient(), new StringSerializer(),
          AvroSerdes.<ImageEvent>serializer(cluster.config()));
      RealCluster.Server one = cluster.serve("one", bundle.root());
      RealCluster.Server two = cluster.serve("two", bundle.root());

      for (RealCluster.Server each : List.of(one, two)) {
        each.awaitReady();
      }
      burstUntilSomeAreCommitted(one);
      two.killNow();
      two.start();
      cluster.awaitCommitted(sent, one);

      two.killNow();
      one.stop();
      Utils.delete(one.state().toFile());
      burst();
      cluster.stopRegistry();
      one.start();
      two.start();
      one.awaitSaid("Waiting to know of model");
      cluster.startRegistry();
      cluster.awaitCommitted(sent, one);

      check(bundle.version());
      checkQueries(List.of(one, two));
    } catch (AssertionError | Exception e) {
      System.out.println(cluster.allOutput());
      throw e;
    }
  }

  /** Sends a burst and returns at a moment at which only a part of it is committed. */
  private void burstUntilSomeAreCommitted(RealCluster.Server watched) throws Exception {
    int before = sent;
    burst();
    cluster.awaitCommitted(before + 1 + random.nextInt(BURST / 2), watched);
  }

  private void burst() throws Exception {
    List<Future<?>> acknowledged = new ArrayList<>();
    for (int i = 0; i < BURST; i++) {
      String object = events.object();
      ImageEvent event = events.event();
      reference.apply(object, event);
      acknowledged.add(producer.send(new ProducerRecord<>(new Topics(cluster.config()).imageEvents(), object, event)));
      sent++;
    }
    for (Future<?> each : acknowledged) {
      each.get();
    }
  }

  private void check(String version) {
    Map<String, List<ReferenceModel.Change>> published = Runs.changes(cluster.config(), version);
    Map<String, List<ReferenceModel.Change>> expected = reference.history(version);
    assertThat(published.keySet()).isEqualTo(expected.keySet());
    expected.forEach((object, changes) -> ReferenceModel.Change.assertEqual(object, published.get(object), changes));
    long changes = expected.values().stream().mapToLong(List::size).sum();
    List<ConsumerRecord<String, byte[]>> letters = new ArrayList<>();
    try (CommittedTopic<byte[]> topic =
        new CommittedTopic<>(cluster.config(), new Topics(cluster.config()).deadLetters(), new ByteArrayDeserializer())) {
      topic.catchUp(letters::add);
    }
    letters.forEach(letter -> {
      assertThat(letter.headers().lastHeader(DeadLetters.REASON).value()).asString(StandardCharsets.UTF_8).isEqualTo("IMAGE_UNSUPPORTED");
    });
    assertThat(letters).hasSize(reference.deadLetters());
    System.out.println("  " + changes + " changes, " + letters.size() + " dead letters of " + sent + " events");
  }

  /** Every object is answered by the instance that has it, whichever is asked; by itself the other names that one. */
  private void checkQueries(List<RealCluster.Server> servers) throws Exception {
    for (RealCluster.Server server : servers) {
      server.awaitReady();
    }
    // An instance that has just come has no partitions before the others have given some up.
    SubscriberCluster.await(() -> servers.stream().allMatch(server ->
        IntStream.range(0, RandomEvents.OBJECTS).anyMatch(number -> query(server, RandomEvents.objectId(number)).statusCode() != 503)));
    int[] owned = new int[servers.size()];
    for (int number = 0; number < RandomEvents.OBJECTS; number++) {
      String object = RandomEvents.objectId(number);
      List<HttpResponse<String>> answers = settled(servers, object);
      int owner = answers.get(0).statusCode() == 503 ? 1 : 0;
      owned[owner]++;
      HttpResponse<String> answer = answers.get(owner);
      int images = reference.images(object);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(images == 0 ? 404 : 200);
      if (images > 0) {
        assertThat(answer.body()).contains("\"imageCount\":" + images);
      }
      HttpResponse<String> other = answers.get(1 - owner);
      assertThat(other.statusCode()).as(other.body()).isEqualTo(503);
      assertThat(other.body()).contains("ask 127.0.0.1:" + servers.get(owner).port);
      for (RealCluster.Server server : servers) {
        HttpResponse<String> any = server.get(path(object));
        assertThat(any.statusCode()).as(any.body()).isEqualTo(answer.statusCode());
        assertThat(any.body()).isEqualTo(answer.body());
      }
    }
    assertThat(owned).doesNotContain(0);
  }

  /** What they say of an object when one of them sends people to another; asked again while partitions move. */
  private static List<HttpResponse<String>> settled(List<RealCluster.Server> servers, String object) {
    AtomicReference<List<HttpResponse<String>>> answers = new AtomicReference<>();
    SubscriberCluster.await(() -> {
      answers.set(servers.stream().map(server -> query(server, object)).toList());
      List<HttpResponse<String>> elsewhere = answers.get().stream().filter(answer -> answer.statusCode() == 503).toList();
      return elsewhere.size() == 1 && elsewhere.get(0).body().contains("ask 127.0.0.1:");
    });
    return answers.get();
  }

  private static HttpResponse<String> query(RealCluster.Server server, String object) {
    return server.getLocal(path(object));
  }

  private static String path(String object) {
    return "/v1/objects/" + PathIds.encode(object);
  }
}
