package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.local.Instance;
import io.accrete.local.KafkaBroker;
import io.accrete.local.registry.RegistryServer;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lists, searches and the map over HTTP, of one instance and of two, with a real broker. */
@Timeout(240)
class SimilarApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(100);
  private static final int OBJECTS = 16;
  private static final int PARTITIONS = 4;
  private static final Catalogue CATALOGUE = new Catalogue(3, OBJECTS);

  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void shouldAnswerForAllObjectsWhicheverInstanceIsAsked() throws Exception {
    Bundle bundle = Runs.tinyBundle(folder.resolve("bundle"), 1);
    try (KafkaBroker broker = KafkaBroker.start(folder.resolve("kafka"), 0);
        RegistryServer registry = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0)) {
      AccreteConfig first = config(broker, registry, "first");
      try (Instance one = Instance.start(first, bundle)) {
        assertThat(get(one, "/v1/objects").statusCode()).isEqualTo(503);
        one.awaitRunning(PATIENCE);
        assertThat(await(one, "/v1/map").get("points")).isEmpty();
        send(first);
        awaitObjects(one);

        List<String> before = answers(one, bundle.version());
        refuse(one);
        try (Instance two = Instance.start(config(broker, registry, "second"), bundle)) {
          two.awaitRunning(PATIENCE);
          awaitShared(one, two);
          assertThat(answers(two, bundle.version())).isEqualTo(before);
          assertThat(answers(one, bundle.version())).isEqualTo(before);
          assertThat(json(local(one)).get("partitions").size() + json(local(two)).get("partitions").size()).isEqualTo(PARTITIONS);
          assertThat(get(two, "/v1/objects/nobody/similar").statusCode()).isEqualTo(404);
          assertThat(get(one, "/v1/objects/nobody/similar").statusCode()).isEqualTo(404);
          String last = CATALOGUE.objectId(OBJECTS - 1);
          delete(first, last);
          await(() -> get(two, "/v1/objects?limit=5000"), answer -> answer.statusCode() == 200 && !answer.body().contains(last));
          assertThat(get(one, "/v1/objects/" + CATALOGUE.objectId(0) + "/similar?k=1000").body()).doesNotContain("\"" + last + "\"");
          one.close();
          JsonNode after = JSON.readTree(await(() -> get(two, "/v1/objects/" + CATALOGUE.objectId(0) + "/similar?k=1000"),
              answer -> answer.statusCode() == 200).body());
          assertThat(after.get("neighbours")).hasSize(OBJECTS - 2);
        }
      }
    }
  }

  /** Of what is the same whoever is asked. */
  private List<String> answers(Instance instance, String version) throws Exception {
    List<String> answers = new ArrayList<>();
    JsonNode list = await(instance, "/v1/objects?limit=5");
    assertThat(list.get("total").intValue()).isEqualTo(OBJECTS);
    assertThat(list.get("modelVersion").textValue()).isEqualTo(version);
    assertThat(list.get("objects")).hasSize(5).extracting(object -> object.get("updatedAt").textValue())
        .isSortedAccordingTo(java.util.Comparator.reverseOrder());
    answers.add(list.toString());
    answers.add(await(instance, "/v1/objects?limit=5&filter=colour:red").toString());
    assertThat(await(instance, "/v1/objects?filter=colour:red").get("objects")).hasSize(OBJECTS / 2)
        .allMatch(object -> object.at("/attributes/colour").textValue().equals("red"));

    for (int object = 0; object < OBJECTS; object++) {
      String id = CATALOGUE.objectId(object);
      JsonNode near = await(instance, "/v1/objects/" + id + "/similar?k=3");
      assertThat(near.get("neighbours")).hasSize(3).noneMatch(each -> each.get("objectId").textValue().equals(id));
      float[] own = vector(await(instance, "/v1/objects/" + id).get("embedding"));
      for (JsonNode each : near.get("neighbours")) {
        float[] other = vector(await(instance, "/v1/objects/" + each.get("objectId").textValue()).get("embedding"));
        assertThat(each.get("score").floatValue()).isCloseTo(dot(own, other), within(1e-5f));
      }
      answers.add(near.toString());
      answers.add(post(instance, "/v1/similar?k=4", "application/json", vectorQuery(own, id)).body());
    }
    // A photo that is an object's only one is found with a score of 1.
    byte[] photo = CATALOGUE.photo(1, 0);
    String found = post(instance, "/v1/similar?k=2&filter=photos:one", "image/png", photo).body();
    assertThat(JSON.readTree(found).at("/neighbours/0/objectId").textValue()).isEqualTo(CATALOGUE.objectId(1));
    assertThat(JSON.readTree(found).at("/neighbours/0/score").floatValue()).isCloseTo(1, within(1e-4f));
    assertThat(post(instance, "/v1/similar?k=2&filter=photos:one", "multipart/form-data; boundary=xyz", multipart(photo)).body())
        .isEqualTo(found);
    answers.add(found);

    JsonNode map = await(instance, "/v1/map?limit=1000");
    assertThat(map.get("points")).hasSize(OBJECTS);
    assertThat(map.get("axes")).hasSize(2).allMatch(axis -> axis.size() == map.get("mean").size());
    JsonNode point = map.get("points").get(0);
    float[] embedding = vector(await(instance, "/v1/objects/" + point.get("objectId").textValue()).get("embedding"));
    float[] mean = vector(map.get("mean"));
    float[] axis = vector(map.get("axes").get(0));
    assertThat(point.get("x").floatValue()).isCloseTo(dot(embedding, axis) - dot(mean, axis), within(1e-4f));
    return answers;
  }

  private void refuse(Instance instance) throws Exception {
    assertThat(get(instance, "/v1/objects?limit=0").statusCode()).isEqualTo(400);
    assertThat(get(instance, "/v1/objects?filter=red").body()).contains("attribute:value");
    assertThat(get(instance, "/v1/objects/nobody/similar").statusCode()).isEqualTo(404);
    assertThat(get(instance, "/v1/objects/" + CATALOGUE.objectId(0) + "/similar?k=1001").statusCode()).isEqualTo(400);
    assertThat(get(instance, "/v1/objects/" + CATALOGUE.objectId(0) + "/similar?model=none").statusCode()).isEqualTo(400);
    assertThat(post(instance, "/v1/similar", "image/jpeg", "no image".getBytes(StandardCharsets.UTF_8)).statusCode()).isEqualTo(422);
    byte[] photo = CATALOGUE.photo(0, 0);
    assertThat(post(instance, "/v1/similar", "image/jpeg", java.util.Arrays.copyOf(photo, photo.length / 2)).statusCode()).isEqualTo(422);
    assertThat(post(instance, "/v1/similar", "image/jpeg", new byte[70_000]).statusCode()).isEqualTo(413);
    assertThat(post(instance, "/v1/similar", "text/plain", photo).statusCode()).isEqualTo(415);
    assertThat(post(instance, "/v1/similar", "multipart/form-data; boundary=xyz", "--xyz--\r\n".getBytes(StandardCharsets.UTF_8))
        .statusCode()).isEqualTo(400);
    for (String query : List.of("{}", "[1]", "{\"vector\": [0, 0]}", "{\"vector\": [1, \"a\"]}", "{\"vector\": [1], \"more\": 1}",
        "{\"vector\": [1, 0]}", "{\"vector\": [1e60]}", "{")) {
      assertThat(post(instance, "/v1/similar", "application/json", query.getBytes(StandardCharsets.UTF_8)).statusCode()).as(query)
          .isEqualTo(400);
    }
  }

  private AccreteConfig config(KafkaBroker broker, RegistryServer registry, String name) {
    return AccreteConfig.of(Map.of(
        ConfigKeys.BOOTSTRAP_SERVERS, broker.bootstrapServers(),
        ConfigKeys.REGISTRY_URL, registry.url().toString(),
        ConfigKeys.TOPIC_PARTITIONS, Integer.toString(PARTITIONS),
        ConfigKeys.TOPIC_REPLICATION, "1",
        ConfigKeys.API_PORT, Integer.toString(RealCluster.freePort()),
        ConfigKeys.IMAGE_MAX_BYTES, "65536",
        ConfigKeys.MODELS_URI, folder.resolve("models").toUri().toString(),
        ConfigKeys.STATE_DIR, folder.resolve(name).toString()));
  }

  private static void send(AccreteConfig config) throws Exception {
    Map<String, Object> settings = new HashMap<>(config.kafkaClient());
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config))) {
      for (int object = 0; object < OBJECTS; object++) {
        int photos = photos(object);
        for (int photo = 0; photo < photos; photo++) {
          Map<String, String> attributes = Map.of("colour", object % 2 == 0 ? "red" : "blue", "photos", photos == 1 ? "one" : "more");
          producer.send(new ProducerRecord<>(new Topics(config).imageEvents(), CATALOGUE.objectId(object), new ImageEvent("photo" + photo,
              Operation.ADD, ByteBuffer.wrap(CATALOGUE.photo(object, photo)), null, null, attributes))).get();
        }
      }
    }
  }

  private static int photos(int object) {
    return object == 1 ? 1 : 1 + object % 3;
  }

  private static void delete(AccreteConfig config, String objectId) throws Exception {
    try (var producer = new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config))) {
      producer.send(new ProducerRecord<>(new Topics(config).imageEvents(), objectId, null)).get();
    }
  }

  private void awaitObjects(Instance instance) throws Exception {
    await(() -> get(instance, "/v1/objects?limit=5000"), answer -> answer.statusCode() == 200 && all(answer));
  }

  private static boolean all(HttpResponse<String> answer) {
    int images = 0;
    for (JsonNode object : json(answer).get("objects")) {
      images += object.get("imageCount").intValue();
    }
    int expected = 0;
    for (int object = 0; object < OBJECTS; object++) {
      expected += photos(object);
    }
    return images == expected;
  }

  /** Both have partitions, and none is on its way. */
  private void awaitShared(Instance one, Instance two) throws Exception {
    await(() -> local(two), answer -> answer.statusCode() == 200 && !json(answer).get("partitions").isEmpty()
        && json(answer).get("partitions").size() + json(local(one)).get("partitions").size() == PARTITIONS);
    await(() -> get(one, "/v1/objects"), answer -> answer.statusCode() == 200);
    await(() -> get(two, "/v1/objects"), answer -> answer.statusCode() == 200);
  }

  /** As another instance asks. */
  private HttpResponse<String> local(Instance instance) {
    return send(HttpRequest.newBuilder(instance.url().resolve("/v1/objects")).header("Accrete-Local", "true").build());
  }

  /** What must be an answer, sooner or later, and is 503 before. */
  private JsonNode await(Instance instance, String path) throws Exception {
    return json(await(() -> get(instance, path), answer -> answer.statusCode() != 503));
  }

  private static HttpResponse<String> await(Asking asking, java.util.function.Predicate<HttpResponse<String>> until) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      HttpResponse<String> answer = asking.ask();
      if (until.test(answer)) {
        return answer;
      }
      assertThat(answer.statusCode()).as(answer.body()).isIn(200, 503);
      assertThat(System.nanoTime()).as(answer.body()).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private HttpResponse<String> get(Instance instance, String path) {
    return send(HttpRequest.newBuilder(URI.create(instance.url() + path)).build());
  }

  private HttpResponse<String> post(Instance instance, String path, String type, byte[] body) throws Exception {
    return await(() -> send(HttpRequest.newBuilder(URI.create(instance.url() + path)).header("Content-Type", type)
        .POST(BodyPublishers.ofByteArray(body)).build()), answer -> answer.statusCode() != 503);
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] multipart(byte[] photo) {
    byte[] head = "--xyz\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n".getBytes(StandardCharsets.UTF_8);
    byte[] tail = "\r\n--xyz--\r\n".getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(head.length + photo.length + tail.length).put(head).put(photo).put(tail).array();
  }

  private static byte[] vectorQuery(float[] vector, String exclude) {
    return JSON.createObjectNode().put("exclude", exclude).set("vector", JSON.valueToTree(vector)).toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    try {
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static float[] vector(JsonNode json) {
    float[] vector = new float[json.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = json.get(i).floatValue();
    }
    return vector;
  }

  private static float dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return (float) sum;
  }

  private interface Asking {
    HttpResponse<String> ask() throws Exception;
  }
}
