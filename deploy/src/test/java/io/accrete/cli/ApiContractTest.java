package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.StreamsApp;
import io.accrete.streams.http.ApiServer;
import io.accrete.streams.http.PathIds;
import io.accrete.streams.http.PeerClient;
import io.accrete.streams.http.WriteRoutes;
import io.accrete.streams.write.EventWriter;
import io.accrete.topics.Topics;
import io.accrete.trainer.loop.StepRecord;
import io.accrete.trainer.loop.TrainingListener;
import io.accrete.trainer.publish.ModelPublisher;
import io.accrete.trainer.publish.ProgressPublisher;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
        ConfigKeys.IMAGE_MAX_BYTES, "65536", ConfigKeys.ROLLOUT_ACTIVATION, "manual", ConfigKeys.FILE_ROOTS, dir.toString(),
        ConfigKeys.API_STREAM_CLIENTS, "1"));
    try (LocalCluster cluster = LocalCluster.open(dir.resolve("data"), given, Ports.ANY);
        Instance running = cluster.serve(bundle);
        Instance waiting = Instance.start(other(cluster, "idle", Map.of(ConfigKeys.REGISTRY_URL, "http://127.0.0.1:1")), bundle);
        Instance failed = Instance.start(other(cluster, "broken", Map.of(ConfigKeys.MODELS_URI, "file:///dev/null/models",
            ConfigKeys.TOPIC_MODEL_VERSIONS, "other-versions", ConfigKeys.TOPIC_MODEL_ROLLOUTS, "other-rollouts",
            ConfigKeys.TOPIC_ROLLOUT_REPORTS, "other-reports", ConfigKeys.TOPIC_ROLLOUT_COMMANDS, "other-commands")),
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
      writes(cluster.config(), bundle);
      images();
      similarity(bundle.version());
      stream(bundle.version());
      orders(cluster.config(), bundle.version());
      models(bundle.version());
      operation();
      training(cluster.config());

      assertThat(description.unseen()).isEmpty();
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
    assertThat(description.operations()).containsAll(answered);
    assertThat(description.where((operation, described) -> !answered.contains(operation))).isEmpty();
  }

  /** 401 wherever it is described, and only there. */
  private void withoutToken() throws Exception {
    for (String operation : app.routes()) {
      if (operation.contains(" /v1/")) {
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

  private void writes(AccreteConfig config, Bundle bundle) throws Exception {
    String images = path("written") + "/images";
    Path file = Files.write(dir.resolve("photo.png"), bytes(new RandomEvents(2).image()));
    byte[] reference = ("{\"imageId\": \"a\", \"uri\": \"" + file.toUri() + "\"}").getBytes(StandardCharsets.UTF_8);
    checked(write("POST", images + "?wait=60", WRITER, "application/json", reference), 200);
    checked(write("POST", images, WRITER, "application/json", reference), 202);
    checked(write("POST", images + "?wait=x", WRITER, "application/json", reference), 400);
    checked(write("POST", images, READER, "application/json", reference), 403);
    checked(write("POST", images, WRITER, "application/json", new byte[300_000]), 413);
    checked(write("POST", images, WRITER, "image/png", Files.readAllBytes(file)), 415);
    checked(write("POST", images, WRITER, "application/json", "{\"imageId\": \"b\", \"uri\": \"file:///etc/passwd\"}"
        .getBytes(StandardCharsets.UTF_8)), 422);
    HttpResponse<byte[]> letter = checked(write("POST", images + "?wait=60", WRITER, "application/json",
        ("{\"imageId\": \"b\", \"uri\": \"" + dir.resolve("none.png").toUri() + "\"}").getBytes(StandardCharsets.UTF_8)), 422);
    assertThat(JSON.readTree(letter.body()).at("/position/offset").isIntegralNumber()).isTrue();
    checked(write("POST", images + "?wait=60", WRITER, "multipart/form-data; boundary=x", form(new RandomEvents(3).image())), 200);

    Files.delete(file);
    checked(write("DELETE", images + "/front.png?wait=60", WRITER, null, null), 422); // what is left cannot be folded again
    checked(app, "GET", images + "/a", READER, 502);
    checked(app, "GET", path("written") + "/history", READER, 502);
    checked(write("DELETE", images + "/a?wait=60", WRITER, null, null), 200);
    checked(write("DELETE", images + "/a", WRITER, null, null), 202);
    checked(write("DELETE", images + "/a?wait=61", WRITER, null, null), 400);
    checked(write("DELETE", images + "/a", READER, null, null), 403);
    checked(write("DELETE", path("written") + "?wait=60", WRITER, null, null), 200);
    checked(write("DELETE", path("written"), WRITER, null, null), 202);
    checked(write("DELETE", path("written") + "?wait=-1", WRITER, null, null), 400);
    checked(write("DELETE", path("written"), READER, null, null), 403);
    withoutBrokers(config.with(Map.of(ConfigKeys.BOOTSTRAP_SERVERS, "127.0.0.1:1", ConfigKeys.API_PORT, "0",
        ConfigKeys.STATE_DIR, dir.resolve("nowhere").toString())), bundle, reference);
  }

  private void withoutBrokers(AccreteConfig nowhere, Bundle bundle, byte[] reference) throws Exception {
    try (StreamsApp never = new StreamsApp(nowhere, bundle, none -> {}, new SimpleMeterRegistry());
        ApiServer api = ApiServer.start(nowhere, List.of(new WriteRoutes(StreamsApp.limits(nowhere), never.queries(),
            new EventWriter(nowhere, Duration.ofMillis(300)), never.outcomes(), never.content(), new PeerClient(never.peers()))))) {
      checked(send(api.url(), "POST", path("o") + "/images", WRITER, reference, "Content-Type", "application/json"), 503);
      checked(send(api.url(), "DELETE", path("o") + "/images/a", WRITER, null), 503);
      checked(send(api.url(), "DELETE", path("o") + "?wait=1", WRITER, null), 503);
    }
  }

  private static byte[] form(ByteBuffer image) {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes("--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"front.png\"\r\n\r\n"
        .getBytes(StandardCharsets.UTF_8));
    form.writeBytes(bytes(image));
    form.writeBytes("\r\n--x--\r\n".getBytes(StandardCharsets.UTF_8));
    return form.toByteArray();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private HttpResponse<byte[]> write(String method, String path, String token, String type, byte[] body) throws Exception {
    return type == null ? send(app, method, path, token, body) : send(app, method, path, token, body, "Content-Type", type);
  }

  private void images() throws Exception {
    String image = path(OBJECT) + "/images/image%2F0";
    HttpResponse<byte[]> whole = checked(app, "GET", image, READER, 200);
    checked(app, "GET", image + "?size=16", READER, 200);
    checked(send(app, "GET", image, READER, null, "If-None-Match", whole.headers().firstValue("ETag").orElseThrow()), 304);
    checked(app, "GET", image + "?size=15", READER, 400);
    checked(app, "GET", path(OBJECT) + "/images/none", READER, 404);
    checked(idle, "GET", image, null, 503);
    assertThat(get(path(OBJECT) + "/history").get("folds")).hasSize(2);
    checked(app, "GET", path(OBJECT) + "/history?limit=0", READER, 400);
    checked(app, "GET", path("unknown") + "/history", READER, 404);
    checked(idle, "GET", path(OBJECT) + "/history", null, 503);
  }

  private void similarity(String version) throws Exception {
    await(() -> send(app, "GET", "/v1/objects", READER, null).statusCode() == 200);
    assertThat(get("/v1/objects?limit=1&filter=colour:red").get("total").intValue()).isPositive();
    checked(app, "GET", "/v1/objects?limit=0", READER, 400);
    checked(app, "GET", "/v1/objects?filter=colour", READER, 400);
    checked(idle, "GET", "/v1/objects", null, 503);

    assertThat(get("/v1/map").get("axes")).hasSize(2);
    checked(send(app, "GET", "/v1/map", READER, null, PeerClient.LOCAL, "true"), 200);
    checked(app, "GET", "/v1/map?limit=none", READER, 400);
    checked(idle, "GET", "/v1/map", null, 503);

    assertThat(get(path(OBJECT) + "/similar?k=3&model=" + version).get("modelVersion").textValue()).isEqualTo(version);
    checked(app, "GET", path(OBJECT) + "/similar?k=0", READER, 400);
    checked(app, "GET", path("unknown") + "/similar", READER, 404);
    checked(idle, "GET", path(OBJECT) + "/similar", null, 503);

    ByteBuffer image = new RandomEvents(4).image();
    byte[] photo = bytes(image);
    JsonNode found = document(post(app, "/v1/similar?k=1", READER, "image/png", photo), 200);
    assertThat(found.at("/neighbours/0/objectId").textValue()).isEqualTo(OBJECT);
    assertThat(document(post(app, "/v1/similar?k=1", READER, "multipart/form-data; boundary=x", form(image)), 200)
        .get("neighbours")).isEqualTo(found.get("neighbours"));
    ObjectNode vector = JSON.createObjectNode();
    vector.set("vector", get(path(OBJECT)).get("embedding"));
    assertThat(document(post(app, "/v1/similar", READER, "application/json", JSON.writeValueAsBytes(vector)), 200)
        .at("/neighbours/0/score").doubleValue()).isGreaterThan(0.9999);
    vector.put("exclude", OBJECT);
    assertThat(document(post(app, "/v1/similar", READER, "application/json", JSON.writeValueAsBytes(vector)), 200)
        .at("/neighbours").findValuesAsText("objectId")).doesNotContain(OBJECT);
    checked(post(app, "/v1/similar", READER, "application/json", "[]".getBytes(StandardCharsets.UTF_8)), 400);
    checked(post(app, "/v1/similar", READER, "text/plain", photo), 415);
    checked(post(app, "/v1/similar", READER, "image/png", new byte[66_000]), 413);
    checked(post(app, "/v1/similar", READER, "image/png", "none".getBytes(StandardCharsets.UTF_8)), 422);
    checked(post(idle, "/v1/similar", null, "image/png", photo), 503);
  }

  /** Every kind of event is as it is described. */
  private void stream(String version) throws Exception {
    String all = "/v1/embeddings/stream?from=beginning";
    checked(app, "GET", "/v1/embeddings/stream?from=there", READER, 400);
    checked(send(app, "GET", all, READER, null, "Last-Event-ID", "nowhere"), 400);
    HttpResponse<InputStream> stream = http.send(HttpRequest.newBuilder(URI.create(app.url() + all)).header("Authorization",
        "Bearer " + READER).build(), BodyHandlers.ofInputStream());
    Set<String> kinds = new TreeSet<>();
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      description.check(stream, new byte[0]);
      checked(app, "GET", all, READER, 503); // one client may follow at a time
      String kind = "";
      for (String line = lines.readLine(); !kinds.contains("caught-up"); line = lines.readLine()) {
        if (line.startsWith("event:")) {
          kind = line.substring("event:".length()).trim();
          kinds.add(kind);
        } else if (line.startsWith("data:") && !kind.equals("caught-up")) {
          JsonNode data = JSON.readTree(line.substring("data:".length()));
          description.check(Map.of("space", "SpaceEvent", "embedding", "Object", "gone", "GoneEvent").get(kind), data);
          if (kind.equals("space")) {
            assertThat(data.get("modelVersion").textValue()).isEqualTo(version);
          }
        }
      }
    }
    assertThat(kinds).containsExactlyInAnyOrder("space", "embedding", "gone", "caught-up");
  }

  private JsonNode document(HttpResponse<byte[]> answer, int status) throws IOException {
    return JSON.readTree(checked(answer, status).body());
  }

  private HttpResponse<byte[]> post(Instance instance, String path, String token, String type, byte[] body) throws Exception {
    return send(instance, "POST", path, token, body, "Content-Type", type);
  }

  private void orders(AccreteConfig config, String version) throws Exception {
    Bundle second = Runs.tinyBundle(dir.resolve("second"), 3);
    new ModelPublisher(config).publish(second, false);
    await(() -> send(app, "GET", "/v1/models/" + second.version(), READER, null).statusCode() == 200);
    checked(app, "POST", "/v1/models/" + version + "/retire", WRITER, 409);
    checked(app, "POST", "/v1/models/" + second.version() + "/retire", READER, 403);
    checked(app, "POST", "/v1/models/" + second.version() + "/retire", WRITER, 200);
    checked(app, "POST", "/v1/models/unknown/retire", WRITER, 404);
    checked(idle, "POST", "/v1/models/" + second.version() + "/retire", null, 503);
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
    assertThat(instance.at("/stats/events/folded").intValue()).isGreaterThanOrEqualTo(2);
    assertThat(instance.at("/stats/p50Millis").doubleValue()).isPositive();
    checked(app, "GET", "/v1/openapi.yaml", null, 200);
    checked(app, "GET", "/metrics", null, 200);
    checked(app, "GET", "/health/live", null, 200);
    checked(app, "GET", "/health/ready", null, 200);
    checked(idle, "GET", "/health/ready", null, 503);
    await(() -> send(broken, "GET", "/health/live", null, null).statusCode() == 503);
    checked(broken, "GET", "/health/live", null, 503);
  }

  private void training(AccreteConfig config) throws Exception {
    try (ProgressPublisher trainer = ProgressPublisher.start(config, new TrainingProgress(System.err))) {
      trainer.run("a run");
      trainer.started(new TrainingListener.Stage("distill", 0, 5), 5, 0);
      trainer.event("It begins");
      trainer.step(new StepRecord(0, "distill", 0.5, Map.of(), 0.001, 100, 0, 1));
      trainer.ended();
    }
    await(() -> get("/v1/training").at("/runs/0/points/0/values/loss").doubleValue() == 0.5);
    assertThat(get("/v1/training").at("/runs/0/events/0/text").textValue()).isEqualTo("It begins");
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
    return send(instance.url(), method, path, token, body, headers);
  }

  private HttpResponse<byte[]> send(URI server, String method, String path, String token, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path)).timeout(PATIENCE)
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
