package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.http.PathIds;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The API is what its description says: every operation answers with every status that is described, each answer is as described, and
 * nothing is answered that is not described.
 */
class ApiContractTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String READER = "reads";
  private static final String WRITER = "writes";
  private static final String OBJECT = "shoes/a b;c?.#%ä";
  /** Described, and not there yet. */
  private static final Set<String> TO_COME = new TreeSet<>(List.of("addImage", "deleteObject", "getHistory", "getImage", "getMap",
      "getTraining", "listObjects", "orderRollout", "removeImage", "similarToObject", "similarToPhoto", "streamEmbeddings"));

  @TempDir private Path dir;
  private final HttpClient http = HttpClient.newHttpClient();
  private ApiDescription description;
  private Instance app;
  private Instance idle; // waits for a schema registry that is away
  private Instance broken; // cannot keep its model

  @Test
  @Timeout(240)
  void shouldAnswerAsDescribed() throws Exception {
    Bundle bundle = Runs.tinyBundle(dir.resolve("first"), 1);
    AccreteConfig given = Runs.config(bundle, Map.of(ConfigKeys.API_TOKENS_READ, READER, ConfigKeys.API_TOKENS_WRITE, WRITER,
        ConfigKeys.IMAGE_MAX_BYTES, "65536"));
    try (LocalCluster cluster = LocalCluster.open(dir.resolve("data"), given, Ports.ANY);
        Instance running = cluster.serve(bundle);
        Instance waiting = Instance.start(other(cluster, "idle", Map.of(ConfigKeys.REGISTRY_URL, "http://127.0.0.1:1")), bundle);
        Instance failed = Instance.start(other(cluster, "broken", Map.of(ConfigKeys.MODELS_URI, "file:///dev/null/models")),
            Runs.tinyBundle(dir.resolve("other"), 2))) {
      app = running;
      idle = waiting;
      broken = failed;
      app.awaitRunning(PATIENCE);
      description = new ApiDescription(new String(send(app, "GET", "/v1/openapi.yaml", null, null).body(),
          StandardCharsets.UTF_8));
      fold(cluster.config());

      everyRouteIsDescribed();
      withoutToken();
      objects();
      models(bundle.version());
      operation();

      Map<String, Set<Integer>> unseen = description.unseen();
      assertThat(unseen.keySet()).isEqualTo(TO_COME);
    }
  }

  /** An instance of an application of its own beside the cluster's. */
  private AccreteConfig other(LocalCluster cluster, String name, Map<String, String> more) {
    return cluster.config().with(Map.of(ConfigKeys.APPLICATION_ID, name, ConfigKeys.API_PORT, "0", ConfigKeys.API_TOKENS_READ, "",
        ConfigKeys.API_TOKENS_WRITE, "", ConfigKeys.STATE_DIR, dir.resolve(name).toString())).with(more);
  }

  private void fold(AccreteConfig config) throws Exception {
    RandomEvents images = new RandomEvents(1);
    try (KafkaProducer<String, ImageEvent> producer = new KafkaProducer<>(config.kafkaClient(), new StringSerializer(),
        AvroSerdes.<ImageEvent>serializer(config))) {
      for (int image = 0; image < 2; image++) {
        producer.send(new ProducerRecord<>(new Topics(config).imageEvents(), OBJECT,
            new ImageEvent("image/" + image, Operation.ADD, images.image(), Instant.EPOCH, "test", Map.of("colour", "red")))).get();
      }
    }
    await(() -> {
      HttpResponse<byte[]> answer = send(app, "GET", path(OBJECT), READER, null);
      return answer.statusCode() == 200 && JSON.readTree(answer.body()).get("imageCount").intValue() == 2;
    });
  }

  private static String path(String objectId) {
    return "/v1/objects/" + PathIds.encode(objectId);
  }

  private void everyRouteIsDescribed() {
    Set<String> answered = new TreeSet<>(app.routes());
    answered.removeIf(route -> route.startsWith("HEAD ") || route.equals("GET /") || route.startsWith("GET /console"));
    List<String> toCome = description.where((operation, described) -> TO_COME.contains(described.get("operationId").textValue())
        && !answered.contains(operation));
    assertThat(new TreeSet<>(toCome)).as("to come").isEqualTo(TO_COME);
    assertThat(description.operations()).containsAll(answered);
    assertThat(description.where((operation, described) -> !answered.contains(operation))).hasSameElementsAs(TO_COME);
  }

  /** 401 wherever it is described, and only there. */
  private void withoutToken() throws Exception {
    for (String operation : app.routes()) {
      if (operation.startsWith("GET /v1/")) {
        HttpResponse<byte[]> answer = checked(app, operation.split(" ")[0], operation.split(" ")[1].replaceAll("[{}]", ""), null, 0);
        assertThat(answer.statusCode()).isIn(401, 200);
        if (answer.statusCode() == 401) {
          assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
        }
      }
    }
  }

  private void objects() throws Exception {
    JsonNode object = get(path(OBJECT) + "?ledger=true");
    assertThat(object.get("objectId").textValue()).isEqualTo(OBJECT);
    assertThat(object.get("ledger")).hasSize(2);
    assertThat(get(path(OBJECT) + "?model=" + object.get("modelVersion").textValue()).get("embedding")).isEqualTo(object.get("embedding"));
    checked(app, "GET", path(OBJECT) + "?model=none", READER, 400);
    checked(app, "GET", path(OBJECT) + "?ledger=yes", READER, 400);
    checked(app, "GET", path("unknown"), READER, 404);
    checked(idle, "GET", path(OBJECT), null, 503);
  }

  private void models(String version) throws Exception {
    assertThat(get("/v1/models").get("serving").textValue()).isEqualTo(version);
    assertThat(get("/v1/models/" + version).get("state").textValue()).isEqualTo("ACTIVE");
    checked(app, "GET", "/v1/models/unknown", READER, 404);
  }

  private void operation() throws Exception {
    JsonNode instance = get("/v1/instances").at("/instances/0");
    assertThat(instance.get("address").textValue()).isEqualTo("127.0.0.1:" + app.url().getPort());
    assertThat(instance.get("self").booleanValue()).isTrue();
    assertThat(instance.get("partitions")).hasSize(2);
    assertThat(instance.at("/stats/events/folded").intValue()).isEqualTo(2);
    assertThat(instance.at("/stats/p50Millis").doubleValue()).isPositive();
    checked(app, "GET", "/v1/openapi.yaml", null, 200);
    checked(app, "GET", "/metrics", null, 200);
    checked(app, "GET", "/health/live", null, 200);
    checked(app, "GET", "/health/ready", null, 200);
    checked(idle, "GET", "/health/ready", null, 503);
    await(() -> send(broken, "GET", "/health/live", null, null).statusCode() == 503);
    checked(broken, "GET", "/health/live", null, 503);
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      Thread.sleep(20); // the test's time limit ends it
    }
  }

  private JsonNode get(String path) throws Exception {
    return JSON.readTree(checked(app, "GET", path, READER, 200).body());
  }

  /** Asks, holds the answer against the description, and expects a status (0: any). */
  private HttpResponse<byte[]> checked(Instance instance, String method, String path, String token, int status) throws Exception {
    return checked(send(instance, method, path, token, null), status);
  }

  private HttpResponse<byte[]> checked(HttpResponse<byte[]> answer, int status) throws IOException {
    description.check(answer);
    if (status != 0) {
      assertThat(answer.statusCode()).as(answer.request().uri() + ": " + new String(answer.body(), StandardCharsets.UTF_8))
          .isEqualTo(status);
    }
    return answer;
  }

  private HttpResponse<byte[]> send(Instance instance, String method, String path, String token, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(instance.url() + path)).timeout(PATIENCE)
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }
}
