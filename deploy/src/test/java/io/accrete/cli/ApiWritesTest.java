package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.Sha256;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageLimits;
import io.accrete.image.RgbImage;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.streams.StreamsApp;
import io.accrete.streams.http.ApiServer;
import io.accrete.streams.http.OrderRoutes;
import io.accrete.streams.http.PathIds;
import io.accrete.streams.write.EventWriter;
import io.accrete.streams.write.WriteException;
import io.accrete.trainer.publish.ModelPublisher;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people change by the API, and the photos and histories that they look at, on two instances that are asked in turn. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ApiWritesTest {
  private static final Catalogue CATALOGUE = new Catalogue(3, 2);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_SECONDS = 60;
  private static final int MAX_BYTES = 200_000;

  @TempDir private static Path dir;
  private static Path photos;
  private static LocalCluster cluster;
  private static Bundle bundle;
  private static List<Instance> instances;
  private final HttpClient http = HttpClient.newHttpClient();
  private int requests;

  @BeforeAll
  static void start() throws Exception {
    photos = Files.createDirectory(dir.resolve("photos")).toRealPath();
    bundle = Runs.tinyBundle(dir.resolve("bundle"), 1);
    cluster = LocalCluster.open(dir.resolve("data"), Runs.config(bundle, Map.of(
        ConfigKeys.TOPIC_PARTITIONS, "4", ConfigKeys.ROLLOUT_ACTIVATION, "manual", ConfigKeys.FILE_ROOTS, photos.toString(),
        ConfigKeys.HTTP_HOSTS, "127.0.0.1", ConfigKeys.HTTP_PRIVATE_NETWORKS, "127.0.0.0/8", ConfigKeys.IMAGE_MAX_BYTES, "" + MAX_BYTES,
        ConfigKeys.IMAGE_MAX_PIXELS, "1000000")), Ports.ANY);
    Instance first = cluster.serve(bundle);
    instances = List.of(first, Instance.start(cluster.config().with(Map.of(
        ConfigKeys.STATE_DIR, dir.resolve("second").toString(), ConfigKeys.API_PORT, "" + RealCluster.freePort(),
        AccreteConfig.KAFKA_PREFIX + "main.consumer.group.instance.id", "second")), bundle));
    for (Instance instance : instances) {
      instance.awaitRunning(Duration.ofSeconds(PATIENCE_SECONDS));
    }
    ApiWritesTest test = new ApiWritesTest();
    await(() -> test.json(test.get("/v1/instances")).get("instances").findValues("partitions").stream().allMatch(has -> has.size() == 2));
    for (int object = 0; object < 20; object++) { // so many are in all partitions
      String path = "/v1/objects/none" + object;
      await(() -> test.get(path).statusCode() == 404 && test.get(path).statusCode() == 404); // of either instance
    }
  }

  @AfterAll
  static void stop() {
    try {
      instances.get(1).close();
    } finally {
      cluster.close();
    }
  }

  @Test
  void shouldAddReplaceRemoveAndDelete() throws Exception {
    String object = "mug/ä %41;x"; // one segment, whatever it holds
    JsonNode first = json(200, post(object, "?wait=30", upload().file("front.jpg", photo(0, 0))
        .field("capturedAt", "2026-01-31T13:30:00+01:00").field("attributes", "{\"colour\": \"red\"}")));
    assertThat(first.get("outcome").textValue()).isEqualTo("folded");
    assertThat(first.get("imageId").textValue()).isEqualTo("front.jpg");
    assertThat(first.at("/position/topic").textValue()).isEqualTo("image-events");
    assertThat(first.at("/object/imageCount").intValue()).isOne();
    assertThat(first.at("/object/embedding")).isNotEmpty();
    assertThat(first.at("/object/attributes/colour").textValue()).isEqualTo("red");
    JsonNode entry = json(get(path(object) + "?ledger=true")).at("/ledger/0");
    assertThat(entry.get("capturedAt").textValue()).isEqualTo("2026-01-31T12:30:00Z");
    assertThat(entry.get("source").textValue()).isEqualTo("http");

    assertThat(outcome(post(object, "?wait=30", upload().file("front.jpg", photo(0, 0))))).isEqualTo("duplicate");
    assertThat(outcome(post(object, "?wait=30", upload().file("front.jpg", photo(0, 1))))).isEqualTo("replaced");
    JsonNode named = json(200, post(object, "?wait=30", upload().file("front.jpg", photo(0, 2)).field("imageId", "b/ack")));
    assertThat(named.get("imageId").textValue()).isEqualTo("b/ack");
    assertThat(named.at("/object/imageCount").intValue()).isEqualTo(2);
    JsonNode nameless = json(200, post(object, "?wait=30", upload().file("blob", photo(0, 3))));
    assertThat(nameless.get("imageId").textValue()).isEqualTo(Sha256.of(photo(0, 3)));

    JsonNode removed = json(200, delete(path(object) + "/images/b%2Fack?wait=30"));
    assertThat(removed.get("outcome").textValue()).isEqualTo("removed");
    assertThat(removed.at("/object/imageCount").intValue()).isEqualTo(2);
    assertThat(outcome(delete(path(object) + "/images/b%2Fack?wait=30"))).isEqualTo("unknown");
    assertThat(outcome(delete(path(object) + "/images/front.jpg?wait=30"))).isEqualTo("removed");
    JsonNode last = json(200, delete(path(object) + "/images/" + Sha256.of(photo(0, 3)) + "?wait=30"));
    assertThat(last.get("outcome").textValue()).isEqualTo("deleted");
    assertThat(last.has("object")).isFalse();

    json(200, post(object, "?wait=30", upload().file("again.jpg", photo(0, 0))));
    JsonNode deleted = json(200, delete(path(object) + "?wait=30"));
    assertThat(deleted.get("outcome").textValue()).isEqualTo("deleted");
    assertThat(deleted.has("imageId")).isFalse();
    assertThat(get(path(object)).statusCode()).isEqualTo(404);
    assertThat(outcome(delete(path(object) + "?wait=30"))).isEqualTo("unknown");
  }

  @Test
  void shouldAnswerWithThePositionAtOnceWhereNobodyWaits() throws Exception {
    for (int object = 0; object < 8; object++) {
      String id = "soon" + object;
      JsonNode written = json(202, post(id, "", upload().file("a.jpg", photo(0, object))));
      assertThat(written.get("outcome").textValue()).isEqualTo("written");
      assertThat(written.at("/position/offset").isIntegralNumber()).isTrue();
      await(() -> get(path(id)).statusCode() == 200);
      assertThat(json(202, delete(path(id) + "/images/a.jpg")).get("outcome").textValue()).isEqualTo("written");
      await(() -> get(path(id)).statusCode() == 404);
    }
  }

  @Test
  void shouldFollowReferencesAndTellWhatCannotBeFolded() throws Exception {
    Path file = Files.write(photos.resolve("a.jpg"), photo(1, 0));
    String body = "{\"imageId\": \"a\", \"uri\": \"" + file.toUri() + "\", \"source\": \"test\", \"attributes\": {\"k\": \"v\"}}";
    for (String object : List.of("r1", "r2", "r3", "r4")) {
      assertThat(outcome(post(object, "?wait=30", body))).isEqualTo("folded");
      HttpResponse<byte[]> image = get(path(object) + "/images/a");
      assertThat(image.body()).isEqualTo(photo(1, 0));
      assertThat(image.headers().firstValue("Content-Type")).contains("image/jpeg");
    }
    JsonNode lost = json(422, post("r1", "?wait=30", "{\"imageId\": \"b\", \"uri\": \"" + photos.resolve("none.jpg").toUri() + "\"}"));
    assertThat(lost.get("reason").textValue()).isEqualTo("CONTENT_NOT_FOUND");
    assertThat(lost.get("detail").textValue()).startsWith("The event was written and went to the dead letters: There is no file ");
    assertThat(lost.at("/position/topic").textValue()).isEqualTo("image-events");

    Files.write(file, photo(1, 1));
    assertThat(json(502, get(path("r1") + "/images/a")).get("detail").textValue()).contains("has changed where it lies");
    Files.delete(file);
    assertThat(json(502, get(path("r2") + "/images/a?size=64")).get("detail").textValue()).contains("There is no file");
    assertThat(json(502, get(path("r3") + "/history")).get("detail").textValue()).contains("There is no file");
    for (String object : List.of("r1", "r2", "r3", "r4")) { // they could not be folded under another model
      json(200, delete(path(object) + "?wait=30"));
    }
  }

  @Test
  void shouldRefuseWhatCouldNeverBeProcessedBeforeItIsWritten() throws Exception {
    List<Long> before = ends();
    byte[] large = Arrays.copyOf(photo(0, 0), MAX_BYTES + 1);
    problem(413, "allowed (image.max.bytes)", post("o", "", upload().file("a", large)));
    problem(413, "larger", post("o", "?wait=5", upload().file("a", new byte[2 * MAX_BYTES])));
    problem(422, "Expected a JPEG, PNG, WebP or GIF image", post("o", "?wait=5", upload().file("a", new byte[] {1, 2, 3})));
    problem(422, "found no bytes", post("o", "", upload().file("a", new byte[0])));
    problem(422, "ends early", post("o", "", upload().file("a", Arrays.copyOf(photo(0, 0), 1000))));
    problem(422, "image.max.pixels", post("o", "", upload().file("a", png(1001, 1000))));
    problem(400, "Expected one file 'image', found 0", post("o", "", upload().field("imageId", "a")));
    problem(400, "Expected one file 'image', found 2", post("o", "", upload().file("a", photo(0, 0)).file("b", photo(0, 1))));
    problem(400, "There is no field 'colour'", post("o", "", upload().file("a", photo(0, 0)).field("colour", "red")));
    problem(400, "expected a time like", post("o", "", upload().file("a", photo(0, 0)).field("capturedAt", "yesterday")));
    problem(400, "expected a JSON object of strings", post("o", "", upload().file("a", photo(0, 0)).field("attributes", "[]")));
    problem(400, "'k': expected a string", post("o", "", upload().file("a", photo(0, 0)).field("attributes", "{\"k\": 1}")));
    problem(400, "image id is longer", post("o", "", upload().file("a", photo(0, 0)).field("imageId", "i".repeat(1025))));
    problem(400, "image id is empty", post("o", "", upload().file("a", photo(0, 0)).field("imageId", "")));
    problem(400, "attributes are longer", post("o", "", upload().file("a", photo(0, 0))
        .field("attributes", "{\"k\": \"" + "v".repeat(20_000) + "\"}")));
    problem(400, "'wait': expected a whole number from 0 to 60", post("o", "?wait=61", upload().file("a", photo(0, 0))));
    problem(400, "object id has 1025 bytes", post("o".repeat(1025), "", upload().file("a", photo(0, 0))));
    problem(400, "multipart/form-data", send("POST", path("o") + "/images", "multipart/form-data; boundary=x", "nothing".getBytes(
        StandardCharsets.UTF_8)));
    problem(400, "multipart/form-data", send("POST", path("o") + "/images", "multipart/form-data", photo(0, 0)));
    problem(415, "found 'image/jpeg'", send("POST", path("o") + "/images", "image/jpeg", photo(0, 0)));
    problem(400, "The body is not JSON", post("o", "", "{"));
    problem(400, "Expected a JSON object", post("o", "", "[]"));
    problem(400, "'uri' is missing", post("o", "", "{\"imageId\": \"a\"}"));
    problem(400, "no member 'url'", post("o", "", "{\"imageId\": \"a\", \"url\": \"file:///a\"}"));
    problem(400, "not 64 lower-case", post("o", "", "{\"imageId\": \"a\", \"uri\": \"http://127.0.0.1/a\", \"sha256\": \"A\"}"));
    problem(400, "no scheme", post("o", "?wait=5", "{\"imageId\": \"a\", \"uri\": \"photo.jpg\"}"));
    JsonNode outside = json(422, post("o", "?wait=5", "{\"imageId\": \"a\", \"uri\": \"file:///etc/passwd\"}"));
    assertThat(outside.get("reason").textValue()).isEqualTo("CONTENT_NOT_ALLOWED");
    problem(422, "content.http.hosts", post("o", "", "{\"imageId\": \"a\", \"uri\": \"http://example.com/a\"}"));
    assertThat(ends()).isEqualTo(before);
    assertThat(get(path("o")).statusCode()).isEqualTo(404);
  }

  @Test
  void shouldNotWaitLongerThanItWasAskedTo() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    HttpServer slow = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    slow.createContext("/", exchange -> {
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      byte[] photo = photo(1, 5);
      exchange.sendResponseHeaders(200, photo.length);
      exchange.getResponseBody().write(photo);
      exchange.close();
    });
    slow.start();
    try {
      String body = "{\"imageId\": \"a\", \"uri\": \"http://127.0.0.1:" + slow.getAddress().getPort() + "/a.jpg\"}";
      assertThat(json(202, post("slow", "?wait=1", body)).get("outcome").textValue()).isEqualTo("written");
      release.countDown();
      await(() -> get(path("slow")).statusCode() == 200);
      assertThat(outcome(post("slow", "?wait=30", body))).isEqualTo("duplicate");
    } finally {
      release.countDown();
      slow.stop(0);
    }
  }

  @Test
  void shouldServePhotosAndSmallOnes() throws Exception {
    byte[] png = png(300, 200);
    for (String object : List.of("p1", "p2", "p3", "p4")) {
      json(200, post(object, "?wait=30", upload().file("a b.png", png)));
      String path = path(object) + "/images/a%20b.png";
      for (int turn = 0; turn < instances.size(); turn++) {
        HttpResponse<byte[]> whole = get(path);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(png);
        assertThat(whole.headers().firstValue("Content-Type")).contains("image/png");
        assertThat(whole.headers().firstValue("ETag")).contains("\"" + Sha256.of(png) + "\"");
        assertThat(whole.headers().firstValue("Cache-Control").orElseThrow()).startsWith("private, max-age=");
        assertThat(whole.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      }
      HttpResponse<byte[]> small = get(path + "?size=64");
      assertThat(small.headers().firstValue("Content-Type")).contains("image/jpeg");
      RgbImage seen = ImageDecoder.decode(small.body(), ImageLimits.LOCAL);
      assertThat(seen.width()).isEqualTo(64);
      assertThat(seen.height()).isEqualTo(43);
      String tag = small.headers().firstValue("ETag").orElseThrow();
      HttpResponse<byte[]> known = get(path + "?size=64", "If-None-Match", "W/\"other\", " + tag);
      assertThat(known.statusCode()).isEqualTo(304);
      assertThat(known.body()).isEmpty();
      assertThat(get(path + "?size=65", "If-None-Match", tag).statusCode()).isEqualTo(200);
      problem(404, "has no image 'b'", get(path(object) + "/images/b"));
      problem(400, "'size'", get(path + "?size=5000"));
    }
    problem(404, "Object 'none' has no image", get(path("none") + "/images/b"));
  }

  @Test
  void shouldTellWhatEachPhotoDid() throws Exception {
    for (String object : List.of("h1", "h2", "h3")) {
      for (int photo = 0; photo < 4; photo++) {
        json(200, post(object, "?wait=30", upload().file(photo + ".jpg", photo(0, photo))));
      }
      JsonNode history = json(200, get(path(object) + "/history"));
      assertThat(history.get("modelVersion").textValue()).isEqualTo(bundle.version());
      assertThat(history.get("imageCount").intValue()).isEqualTo(4);
      assertThat(history.get("folds").findValuesAsText("imageId")).containsExactly("0.jpg", "1.jpg", "2.jpg", "3.jpg");
      assertThat(history.at("/folds/0/moved").doubleValue()).isZero();
      assertThat(history.at("/folds/2/moved").doubleValue()).isPositive();
      assertThat(history.at("/folds/3/agreement").doubleValue()).isCloseTo(1, within(1e-6));
      JsonNode first = json(200, get(path(object) + "/history?limit=2"));
      assertThat(first.get("folds")).hasSize(2);
      assertThat(first.at("/folds/1")).isEqualTo(history.at("/folds/1"));
    }
    problem(404, "There is no object 'none'", get(path("none") + "/history"));
    problem(400, "'limit'", get(path("h1") + "/history?limit=257"));
  }

  @Test
  void shouldOrderRollouts() throws Exception {
    String first = bundle.version();
    Bundle next = Runs.tinyBundle(dir.resolve("next"), 5);
    new ModelPublisher(cluster.config()).publish(next, false);
    await(() -> get("/v1/models/" + next.version()).statusCode() == 200 && get("/v1/models/" + next.version()).statusCode() == 200);
    problem(404, "none is not published", order("none", "activate"));
    problem(404, "Expected one of [activate", order(first, "explode"));
    problem(409, first + " is ACTIVE already", order(first, "activate"));
    problem(409, "only the sweep of a version that is BACKFILLING", order(first, "pause"));
    JsonNode activated = json(200, order(next.version(), "activate"));
    assertThat(activated.get("modelVersion").textValue()).isEqualTo(next.version());
    assertThat(activated.get("state").textValue()).isIn("WARMING", "BACKFILLING", "ACTIVE");
    await(() -> json(get("/v1/models/" + next.version())).get("state").textValue().equals("ACTIVE"));
    assertThat(json(200, order(first, "rollback")).get("state").textValue()).isEqualTo("ACTIVE");
    assertThat(json(200, order(next.version(), "retire")).get("state").textValue()).isEqualTo("RETIRED");
    for (Instance instance : instances) {
      assertThat(instance.awaitServing(first, Duration.ofSeconds(PATIENCE_SECONDS))).isTrue();
    }
  }

  @Test
  void shouldSayThatNobodyCoordinates() throws Exception {
    Bundle unwanted = Runs.tinyBundle(dir.resolve("unwanted"), 9);
    new ModelPublisher(cluster.config()).publish(unwanted, false);
    AccreteConfig other = cluster.config().with(Map.of(ConfigKeys.APPLICATION_ID, "other", ConfigKeys.API_PORT, "0",
        ConfigKeys.STATE_DIR, dir.resolve("other").toString()));
    try (StreamsApp idle = new StreamsApp(other, bundle, none -> {}, new SimpleMeterRegistry());
        ApiServer api = ApiServer.start(other, List.of(new OrderRoutes(idle.orders())))) {
      HttpResponse<byte[]> answer = http.send(HttpRequest.newBuilder(api.url().resolve("/v1/models/" + unwanted.version() + "/activate"))
          .POST(BodyPublishers.noBody()).build(), BodyHandlers.ofByteArray());
      problem(503, "Nobody coordinates the rollouts of 'other'", answer);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }
  }

  @Test
  void shouldSayInTimeThatNothingWasWritten() {
    AccreteConfig nowhere = cluster.config().with(Map.of(ConfigKeys.BOOTSTRAP_SERVERS, "127.0.0.1:" + RealCluster.freePort()));
    try (EventWriter writer = new EventWriter(nowhere, Duration.ofSeconds(1))) {
      assertThatExceptionOfType(WriteException.class).isThrownBy(() -> writer.write("mug", null))
          .withMessageStartingWith("No Kafka broker took the event within 1 s at 127.0.0.1:");
    }
  }

  private static byte[] photo(int product, int view) {
    return CATALOGUE.photo(product, view);
  }

  private static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", bytes);
    return bytes.toByteArray();
  }

  private static String path(String objectId) {
    return "/v1/objects/" + PathIds.encode(objectId);
  }

  private String outcome(HttpResponse<byte[]> answer) throws IOException {
    return json(200, answer).get("outcome").textValue();
  }

  private HttpResponse<byte[]> post(String objectId, String query, Form form) {
    return send("POST", path(objectId) + "/images" + query, form.type(), form.body());
  }

  private HttpResponse<byte[]> post(String objectId, String query, String json) {
    return send("POST", path(objectId) + "/images" + query, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<byte[]> order(String version, String action) {
    return send("POST", "/v1/models/" + version + "/" + action, null, new byte[0]);
  }

  private HttpResponse<byte[]> delete(String path) {
    return send("DELETE", path, null, new byte[0]);
  }

  private HttpResponse<byte[]> get(String path, String... headers) {
    return send("GET", path, null, new byte[0], headers);
  }

  /** Asks the instances in turn. */
  private HttpResponse<byte[]> send(String method, String path, String type, byte[] body, String... headers) {
    URI server = instances.get(requests++ % instances.size()).url();
    HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
        .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (type != null) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return http.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(method + " " + path, e);
    }
  }

  private JsonNode json(HttpResponse<byte[]> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonNode json(int status, HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).as("%s: %s", answer.request(), new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(status);
    return json(answer);
  }

  private void problem(int status, String detail, HttpResponse<byte[]> answer) {
    JsonNode problem = json(status, answer);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(problem.get("detail").textValue()).contains(detail);
  }

  private static List<Long> ends() {
    try (Cluster kafka = Cluster.connect(cluster.config())) {
      var partitions = kafka.partitions(cluster.config().getString(ConfigKeys.TOPIC_IMAGE_EVENTS));
      var offsets = kafka.offsets(partitions, OffsetSpec.latest());
      return partitions.stream().map(offsets::get).toList();
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static Form upload() {
    return new Form();
  }

  /** A body of multipart/form-data. */
  private static final class Form {
    private static final String BOUNDARY = "----" + HexFormat.of().toHexDigits(0x5eed5eedL);
    private final List<byte[]> parts = new ArrayList<>();

    Form file(String name, byte[] bytes) {
      return part("form-data; name=\"image\"; filename=\"" + name + "\"\r\nContent-Type: application/octet-stream", bytes);
    }

    Form field(String name, String value) {
      return part("form-data; name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
    }

    private Form part(String disposition, byte[] bytes) {
      parts.add(("--" + BOUNDARY + "\r\nContent-Disposition: " + disposition + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      parts.add(bytes);
      parts.add("\r\n".getBytes(StandardCharsets.UTF_8));
      return this;
    }

    String type() {
      return "multipart/form-data; boundary=" + BOUNDARY;
    }

    byte[] body() {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      parts.forEach(body::writeBytes);
      body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
      return body.toByteArray();
    }
  }
}
