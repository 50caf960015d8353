package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.http.PathIds;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances: any answers for any object, and when one is killed the other says so until it has taken over. */
class ApiInstancesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OBJECTS = 24;
  private static final List<String> UNKNOWN = List.of("unknown 1", "unknown 2", "unknown 3", "unknown 4");

  @TempDir private Path dir;
  private final Map<String, String> truth = new TreeMap<>(); // path to what matters of the body
  private RealCluster cluster;

  @Test
  @Timeout(240)
  void shouldAnswerForAnyObjectFromAnyInstanceOrSayThatItCannot() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("bundle"), 1);
    try (RealCluster real = new RealCluster(dir, Map.of())) {
      cluster = real;
      RealCluster.Server one = cluster.serve("one", bundle.root());
      RealCluster.Server two = cluster.serve("two", bundle.root());
      one.awaitReady();
      two.awaitReady();
      send();
      cluster.awaitCommitted(OBJECTS, one);
      cluster.await("partitions on both", one.process, () -> bothHavePartitions(one) && bothHavePartitions(two));
      try {
        learn(one);
        assertThat(answers(one)).isEqualTo(answers(two)).containsOnlyKeys(truth.keySet()).containsAllEntriesOf(truth);
        assertThat(codes(one)).isEqualTo(codes(two));

        two.killNow();
        int refusals = 0;
        for (boolean complete = false; !complete; ) {
          int refused = honest(one);
          refusals += refused;
          complete = refused == 0;
        }
        assertThat(refusals).isPositive();
        assertThat(answers(one)).isEqualTo(truth);
        JsonNode alone = JSON.readTree(one.get("/v1/instances").body()).get("instances");
        assertThat(alone).hasSize(1);
        assertThat(alone.at("/0/partitions")).hasSize(6);
      } catch (AssertionError | Exception e) {
        System.out.println(cluster.allOutput());
        throw e;
      }
    }
  }

  private void send() throws Exception {
    RandomEvents images = new RandomEvents(1);
    List<Future<?>> acknowledged = new ArrayList<>();
    try (KafkaProducer<String, ImageEvent> producer = new KafkaProducer<>(cluster.config().kafkaClient(), new StringSerializer(),
        AvroSerdes.<ImageEvent>serializer(cluster.config()))) {
      for (int object = 0; object < OBJECTS; object++) {
        acknowledged.add(producer.send(new ProducerRecord<>(new Topics(cluster.config()).imageEvents(), "object/" + object,
            new ImageEvent("image", Operation.ADD, images.image(), null, null, Map.of("number", Integer.toString(object))))));
      }
      for (Future<?> each : acknowledged) {
        each.get();
      }
    }
  }

  private static boolean bothHavePartitions(RealCluster.Server server) {
    try {
      JsonNode instances = JSON.readTree(server.get("/v1/instances").body()).get("instances");
      return instances.size() == 2 && instances.get(0).get("reachable").booleanValue() && instances.get(1).get("reachable").booleanValue()
          && !instances.get(0).get("partitions").isEmpty() && !instances.get(1).get("partitions").isEmpty()
          && instances.get(0).get("partitions").size() + instances.get(1).get("partitions").size() == 6;
    } catch (IOException e) {
      return false;
    }
  }

  /** What is true of every object, as soon as all of it can be told. */
  private void learn(RealCluster.Server server) throws Exception {
    cluster.await("all answers", server.process, () -> {
      truth.clear();
      truth.putAll(answers(server));
      return truth.keySet().equals(paths());
    });
  }

  private static String path(String object) {
    return "/v1/objects/" + PathIds.encode(object);
  }

  /** Every object, its neighbours among all, and all of them. */
  private static Set<String> paths() {
    Set<String> paths = new TreeSet<>(List.of("/v1/objects?limit=100"));
    for (int object = 0; object < OBJECTS; object++) {
      paths.add(path("object/" + object) + "?ledger=true");
      paths.add(path("object/" + object) + "/similar?k=5");
    }
    return paths;
  }

  /** What is answered with 200. */
  private static Map<String, String> answers(RealCluster.Server server) {
    Map<String, String> answers = new TreeMap<>();
    for (String path : paths()) {
      HttpResponse<String> answer = server.get(path);
      if (answer.statusCode() == 200) {
        answers.put(path, said(path, answer));
      }
    }
    return answers;
  }

  /** The object as it is sent; the ids of neighbours, whose scores may differ by a last bit, and of all objects. */
  private static String said(String path, HttpResponse<String> answer) {
    try {
      if (path.endsWith("?ledger=true")) {
        return answer.body();
      }
      List<String> ids = JSON.readTree(answer.body()).findValuesAsText("objectId");
      return path.contains("/similar") ? ids.toString() : new TreeSet<>(ids).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Integer> codes(RealCluster.Server server) {
    return UNKNOWN.stream().map(object -> server.get(path(object)).statusCode()).toList();
  }

  /** Asks for everything once; every answer is the truth, or 503 with when to ask again. How many were 503. */
  private int honest(RealCluster.Server server) throws IOException {
    int refused = 0;
    for (Map.Entry<String, String> each : truth.entrySet()) {
      HttpResponse<String> answer = server.get(each.getKey());
      refused += refused(answer);
      if (answer.statusCode() != 503) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(said(each.getKey(), answer)).isEqualTo(each.getValue());
      }
    }
    for (String object : UNKNOWN) {
      HttpResponse<String> answer = server.get(path(object));
      refused += refused(answer);
      assertThat(answer.statusCode()).as(answer.body()).isIn(404, 503);
    }
    return refused;
  }

  private static int refused(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() != 503) {
      return 0;
    }
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    assertThat(JSON.readTree(answer.body()).get("detail").textValue()).isNotBlank();
    return 1;
  }
}
