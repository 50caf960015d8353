package io.accrete.streams.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.config.AccreteConfig;
import io.accrete.events.RolloutState;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.state.Sha256;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private volatile List<Health.Check> ready = List.of(new Health.Check("streams", true, "RUNNING"));
  private ApiServer api;

  private static final ModelQueries MODELS = new ModelQueries() {
    @Override
    public List<ModelView> versions() {
      Instant since = Instant.parse("2026-01-02T03:04:05Z");
      return List.of(
          new ModelView("v1", RolloutState.ACTIVE, false, since, "the first", 1, 0, Optional.empty(), List.of()),
          new ModelView("v2", RolloutState.BACKFILLING, true, since, "ready", 0.25, 2, Optional.of(Duration.ofSeconds(90)),
              List.of(new ModelView.Partition(3, 0.5, 10, 5, 2, false))));
    }

    @Override
    public Optional<String> serving() {
      return Optional.of("v1");
    }
  };

  @BeforeEach
  void start() {
    api = ApiServer.start(config(0), ApiServerTest::find, MODELS, new Health() {
      @Override
      public List<Check> live() {
        return List.of(new Check("streams", true, "RUNNING"));
      }

      @Override
      public List<Check> ready() {
        return ready;
      }
    }, metrics);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static AccreteConfig config(int port) {
    return AccreteConfig.of(Map.of("http.port", Integer.toString(port)));
  }

  private static Optional<ObjectView> find(String objectId, boolean withLedger) throws QueryUnavailableException {
    if (objectId.startsWith("none")) {
      return Optional.empty();
    }
    if (objectId.equals("elsewhere")) {
      throw new QueryUnavailableException("The object lives on http://other:8080: ask there.");
    }
    if (objectId.equals("bug")) {
      throw new IllegalStateException("secret detail");
    }
    ObjectState state = ObjectState.newBuilder().setImageCount(1).setSequence(3).setLastImageId("front")
        .setUpdatedAt(Instant.parse("2026-01-02T03:04:05Z"))
        .setSourcePartition(0).setSourceOffset(7).setAttributes(Map.of("colour", "red")).setLatents(Map.of()).build();
    LedgerEntry entry = LedgerEntry.newBuilder().setImageId("front").setSequence(3).setSha256(new Sha256(new byte[32]))
        .setUri("file:///a.jpg")
        .setTimestamp(Instant.EPOCH).setCapturedAt(null).setSource(null).setAttributes(Map.of()).build();
    return Optional.of(new ObjectView(objectId, "v1", new float[] {0.6f, -0.8f}, state, withLedger ? List.of(entry) : List.of()));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(URI.create(api.url() + path)).build(), BodyHandlers.ofString());
  }

  private static void assertProblem(HttpResponse<String> response, int status, String detail) throws IOException {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(type -> assertThat(type)
        .startsWith("application/problem+json"));
    JsonNode problem = JSON.readTree(response.body());
    assertThat(problem.get("status").intValue()).isEqualTo(status);
    assertThat(problem.get("title").textValue()).isNotBlank();
    assertThat(problem.get("detail").textValue()).contains(detail);
  }

  @Test
  void shouldAnswerWithOneObject() throws Exception {
    HttpResponse<String> response = get("/v1/objects/shoe");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("""
        {"objectId": "shoe", "modelVersion": "v1", "imageCount": 1, "sequence": 3, "lastImageId": "front",
         "updatedAt": "2026-01-02T03:04:05Z",
         "attributes": {"colour": "red"}, "embedding": [0.6, -0.8]}"""));
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(response.headers().map()).doesNotContainKeys("server", "x-powered-by");
  }

  @Test
  void shouldAddTheLedgerWhenAsked() throws Exception {
    JsonNode ledger = JSON.readTree(get("/v1/objects/shoe?ledger=true").body()).get("ledger");

    assertThat(ledger).isEqualTo(JSON.readTree("[{\"imageId\": \"front\", \"sequence\": 3, \"sha256\": \"" + "0".repeat(64)
        + "\", \"uri\": \"file:///a.jpg\"}]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "/a", "a/", "a//b", "a b", "ä/ö", "100%", "a%2Fb", "a;b=c", "a?b#c", "a+b", "\\", "..", ".", "a/../b",
      "%2e%2e", "\r", "\n", "health", "😀", "~", "\"<'&>",
      "a\u007f"})
  void shouldTakeAnyIdPercentEncoded(String id) throws Exception {
    String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20").replace(".", "%2E");

    HttpResponse<String> response = get("/v1/objects/" + encoded);

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).get("objectId").textValue()).isEqualTo(id);
  }

  @Test
  void shouldLetSlashesStay() throws Exception {
    assertThat(JSON.readTree(get("/v1/objects/a/b%20c/d").body()).get("objectId").textValue()).isEqualTo("a/b c/d");
  }

  @Test
  void shouldExplainWhatItCannotAnswer() throws Exception {
    assertProblem(get("/v1/objects/none%3Cscript%3E"), 404, "'none<script>'");
    assertProblem(get("/v1/objects/elsewhere"), 503, "other:8080");
    assertProblem(get("/v1/objects/"), 404, "/v1/objects/{id}");
    assertProblem(get("/v1/objects/%ff"), 400, "percent-encoded");
    assertProblem(get("/v1/objects/a%00"), 400, "percent-encoded");
    assertProblem(get("/nowhere"), 404, "/v1/objects/{id}");
    assertProblem(get("/"), 404, "/v1/objects/{id}");
  }

  @Test
  void shouldNotTellTheInsideOfAFailure() throws Exception {
    HttpResponse<String> response = get("/v1/objects/bug");

    assertProblem(response, 500, "log");
    assertThat(response.body()).doesNotContain("secret").doesNotContain("Exception").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
  void shouldRefuseOtherMethods(String method) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(api.url() + "/v1/objects/shoe")).method(method,
        HttpRequest.BodyPublishers.ofString("x".repeat(100_000))).build();

    assertProblem(client.send(request, BodyHandlers.ofString()), 405, "GET");
  }

  @Test
  void shouldTellOfTheModels() throws Exception {
    HttpResponse<String> response = get("/v1/models");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("""
        {"serving": "v1", "versions": [
          {"modelVersion": "v1", "state": "ACTIVE", "paused": false, "since": "2026-01-02T03:04:05Z", "reason": "the first",
           "coverage": 1.0, "unreadable": 0, "secondsLeft": null, "partitions": []},
          {"modelVersion": "v2", "state": "BACKFILLING", "paused": true, "since": "2026-01-02T03:04:05Z", "reason": "ready",
           "coverage": 0.25, "unreadable": 2, "secondsLeft": 90, "partitions":
             [{"partition": 3, "coverage": 0.5, "objects": 10, "covered": 5, "unreadable": 2, "complete": false}]}]}"""));
  }

  @Test
  void shouldTellHealthWithReasons() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);

    ready = List.of(new Health.Check("streams", false, "REBALANCING: partitions are being moved"), new Health.Check("model", true,
        "loaded"));
    HttpResponse<String> response = get("/health/ready");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("""
        {"status": "failing", "checks": [{"name": "streams", "ok": false, "reason": "REBALANCING: partitions are being moved"},
         {"name": "model", "ok": true, "reason": "loaded"}]}"""));
  }

  @Test
  void shouldExposeMetrics() throws Exception {
    metrics.counter("accrete.test").increment(2);

    HttpResponse<String> response = get("/metrics");

    assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body()).contains("accrete_test_total 2.0");
  }

  @Test
  void shouldExplainAPortInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> ApiServer.start(config(taken.getLocalPort()), ApiServerTest::find, MODELS, null, metrics))
          .isInstanceOf(ConfigException.class).hasMessageContaining("127.0.0.1:" + taken.getLocalPort()).hasMessageContaining("http.port");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"does-not-exist.invalid", "203.0.113.1"})
  void shouldExplainAnAddressThatIsNotOurs(String host) {
    AccreteConfig config = AccreteConfig.of(Map.of("http.host", host, "http.port", "0"));
    assertThatThrownBy(() -> ApiServer.start(config, ApiServerTest::find, MODELS, null,
        metrics)).isInstanceOf(ConfigException.class).hasMessageContaining(host);
  }

  @Test
  void shouldListenOnLoopbackOnlyAndRefuseForeignNames() throws Exception {
    assertThat(api.url().getHost()).isEqualTo("127.0.0.1");

    assertThat(raw("GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 421")
        .contains("localhost");
    assertThat(raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
    assertThat(raw("GET /metrics HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /v1/objects/%zz HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "nonsense\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n", "GET /v1/objects/a HTTP/1.1\r\n\r\n"})
  void shouldAnswerNonsenseWithoutTellingItsInside(String request) throws Exception {
    assertThat(raw(request)).matches("(?s)HTTP/1.1 [45].*").contains("application/problem+json").doesNotContain("Jetty")
        .doesNotContain("jetty").doesNotContain("Exception").doesNotContain("\tat ");
  }

  @Test
  void shouldBoundRequestHeaders() throws Exception {
    assertThat(raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(20_000) + "\r\n\r\n")).startsWith("HTTP/1.1 431");
    assertThat(raw("GET /v1/objects/" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")).startsWith("HTTP/1.1 414");
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", api.url().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
