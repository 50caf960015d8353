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
import java.util.Set;
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
          new ModelView("v1", RolloutState.ACTIVE, false, since, "the first", 1, 0, Optional.empty(), List.of(), Optional.empty(), since,
              Map.of("aggregated.ar10", 0.9, "broken", Double.NaN)),
          new ModelView("v2", RolloutState.BACKFILLING, true, since, "ready", 0.25, 2, Optional.of(Duration.ofSeconds(90)),
              List.of(new ModelView.Partition(3, 0.5, 10, 5, 2, false)), Optional.of("v1"), since, Map.of()));
    }

    @Override
    public Optional<String> serving() {
      return Optional.of("v1");
    }
  };

  @BeforeEach
  void start() {
    api = ApiServer.start(config(0), routes());
  }

  private List<Routes> routes() {
    Health health = new Health() {
      @Override
      public List<Check> live() {
        return List.of(new Check("streams", true, "RUNNING"));
      }

      @Override
      public List<Check> ready() {
        return ready;
      }
    };
    Routes bodies = routes -> routes
        .post("/v1/size", context -> context.result(Integer.toString(Bodies.bytes(context, 10).length)))
        .post("/v1/json", context -> Json.send(context, Bodies.json(context, 100)))
        .post("/v1/search", context -> context.result("found"), Scope.READ)
        .get("/v1/params", context -> context.result(Params.integer(context, "k", 1, 10, 5) + " "
            + Params.flag(context, "flag", false) + " " + Params.all(context, "each")))
        .get("/v1/objects/{objectId}/images/{imageId}", context -> context.result(PathIds.of(context, "objectId") + "|"
            + PathIds.of(context, "imageId")));
    return List.of(new ObjectRoutes(ApiServerTest::find, new PeerClient(ALONE)), new ModelRoutes(MODELS),
        new OperationRoutes(health, metrics), bodies);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static AccreteConfig config(int port) {
    return AccreteConfig.of(Map.of("http.port", Integer.toString(port), "image.max.bytes", Integer.toString(1024 * 1024)));
  }

  private static final Peers ALONE = new Peers() {
    @Override
    public Optional<Peer> owner(String objectId) {
      return Optional.of(self());
    }

    @Override
    public Peer self() {
      return new Peer("127.0.0.1:1", true, Set.of(0));
    }

    @Override
    public List<Peer> others() {
      return List.of();
    }

    @Override
    public Set<Integer> localPartitions() {
      return Set.of(0);
    }

    @Override
    public int partitions() {
      return 1;
    }

    @Override
    public int partition(String objectId) {
      return 0;
    }
  };

  private static Optional<ObjectView> find(String objectId, Optional<String> model, boolean withLedger)
      throws QueryUnavailableException {
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
        .setUri("https://shop/a.jpg?signature=secret#x")
        .setTimestamp(Instant.EPOCH).setCapturedAt(null).setSource(null).setAttributes(Map.of()).build();
    return Optional.of(new ObjectView(objectId, model.orElse("v1"), new float[] {0.6f, -0.8f}, state,
        withLedger ? List.of(entry) : List.of()));
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
        + "\", \"uri\": \"https://shop/a.jpg\", \"arrivedAt\": \"1970-01-01T00:00:00Z\", \"attributes\": {}}]"));
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
  void shouldTakeOneSegmentForEachId() throws Exception {
    assertThat(get("/v1/objects/a%2Fb;c/images/..%2F%3F").body()).isEqualTo("a/b;c|../?");
    assertProblem(get("/v1/objects/a/b"), 404, "one segment each");
    assertProblem(get("/v1/objects//images/a"), 404, "one segment each");
  }

  @Test
  void shouldEncodeWhatItDecodes() {
    String all = "a/b c;d?e#f..%2F+ä\u0000😀~-_\\\"";

    assertThat(PathIds.encode(all)).matches("[A-Za-z0-9%~_-]+");
    assertThat(PathIds.decode(PathIds.encode(all))).hasValue(all);
  }

  @Test
  void shouldAnswerUnderAnotherModel() throws Exception {
    assertThat(JSON.readTree(get("/v1/objects/shoe?model=v2").body()).get("modelVersion").textValue()).isEqualTo("v2");
  }

  @Test
  void shouldExplainWhatItCannotAnswer() throws Exception {
    assertProblem(get("/v1/objects/none%3Cscript%3E"), 404, "'none<script>'");
    assertProblem(get("/v1/objects/elsewhere"), 503, "other:8080");
    assertProblem(get("/v1/objects/"), 404, "one segment each");
    assertProblem(get("/v1/objects/%ff"), 400, "percent-encoded");
    assertProblem(get("/v1/objects/a%00"), 400, "percent-encoded");
    assertProblem(get("/nowhere"), 404, "/v1/openapi.yaml");
    assertProblem(get("/v1/models/v3"), 404, "'v3'");
    assertThat(get("/v1/objects/elsewhere").headers().firstValue("Retry-After")).hasValue("1");
  }

  @Test
  void shouldNotTellTheInsideOfAFailure() throws Exception {
    HttpResponse<String> response = get("/v1/objects/bug");

    assertProblem(response, 500, "log");
    assertThat(response.body()).doesNotContain("secret").doesNotContain("Exception").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "HEAD"})
  void shouldRefuseOtherMethods(String method) throws Exception {
    HttpResponse<String> response = send(method, "/v1/objects/shoe", "x".repeat(method.equals("HEAD") ? 0 : 100_000));

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).hasValue("GET");
    if (!method.equals("HEAD")) {
      assertProblem(response, 405, "GET");
    }
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api.url() + path))
        .method(method, body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void shouldTakeBodiesWithinBoundsOnly() throws Exception {
    assertThat(send("POST", "/v1/size", "0123456789").body()).isEqualTo("10");
    assertProblem(send("POST", "/v1/size", "01234567890"), 413, "10 bytes");
    assertThat(raw("POST /v1/size HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890"
        + "\r\n0\r\n\r\n")).startsWith("HTTP/1.1 413");
    assertThat(raw("POST /v1/size HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2097152\r\n\r\n"))
        .startsWith("HTTP/1.1 413").contains("image.max.bytes"); // at once: whoever goes on sending may not get to read it

    assertThat(send("POST", "/v1/json", "{\"a\": 1}", "Content-Type", "application/json; charset=utf-8").body()).isEqualTo("{\"a\":1}");
    assertProblem(send("POST", "/v1/json", "{\"a\": 1}", "Content-Type", "text/plain"), 415, "application/json");
    assertProblem(send("POST", "/v1/json", "{\"a\"", "Content-Type", "application/json"), 400, "not JSON");
    assertProblem(send("POST", "/v1/json", "", "Content-Type", "application/json"), 400, "not JSON");
  }

  @Test
  void shouldCheckParameters() throws Exception {
    assertThat(get("/v1/params").body()).isEqualTo("5 false []");
    assertThat(get("/v1/params?k=10&flag=true&each=a&each=b%2Bc+d").body()).isEqualTo("10 true [a, b+c d]");
    assertProblem(get("/v1/params?k=0"), 400, "'k': expected a whole number from 1 to 10, found '0'");
    assertProblem(get("/v1/params?k=ten"), 400, "found 'ten'");
    assertProblem(get("/v1/params?k=1&k=2"), 400, "one value");
    assertProblem(get("/v1/params?k="), 400, "one value");
    assertProblem(get("/v1/params?flag=yes"), 400, "true or false");
    assertThat(raw("GET /v1/params?k=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 400")
        .contains("percent-encoded");
  }

  @Test
  void shouldAskForTokens() throws Exception {
    api.close();
    api = ApiServer.start(AccreteConfig.of(Map.of("http.port", "0", "http.tokens.read", "reader, other", "http.tokens.write", "w+/=")),
        routes());

    HttpResponse<String> none = get("/v1/models");
    assertProblem(none, 401, "Authorization: Bearer");
    assertThat(none.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"accrete\"");
    assertProblem(send("GET", "/v1/models", "", "Authorization", "Bearer wrong"), 401, "not one");
    assertProblem(send("GET", "/v1/models", "", "Authorization", "Basic reader"), 401, "not one");
    assertProblem(send("GET", "/v1/models", "", "Cookie", "accrete_token=wrong"), 401, "not one");
    assertProblem(send("GET", "/v1/models", "", "Authorization", "Bearer "), 401, "");
    for (String token : List.of("reader", "other", "w+/=")) {
      assertThat(send("GET", "/v1/models", "", "Authorization", "Bearer " + token).statusCode()).isEqualTo(200);
      assertThat(send("GET", "/v1/models", "", "Cookie", "accrete_token=" + token).statusCode()).isEqualTo(200);
    }
    assertThat(send("POST", "/v1/search", "", "Authorization", "Bearer reader").body()).isEqualTo("found");
    assertThat(send("POST", "/v1/size", "1", "Authorization", "Bearer w+/=").body()).isEqualTo("1");
    assertProblem(send("POST", "/v1/size", "1"), 401, "");
    HttpResponse<String> forbidden = send("POST", "/v1/size", "1", "Authorization", "bearer reader");
    assertProblem(forbidden, 403, "http.tokens.write");
    assertThat(forbidden.headers().firstValue("WWW-Authenticate").orElse("")).contains("insufficient_scope");
    for (String open : List.of("/health/live", "/health/ready", "/metrics", "/v1/openapi.yaml")) {
      assertThat(get(open).statusCode()).as(open).isEqualTo(200);
    }
  }

  @Test
  void shouldLetNobodyWriteWithTokensToReadOnly() throws Exception {
    api.close();
    api = ApiServer.start(AccreteConfig.of(Map.of("http.port", "0", "http.tokens.read", "reader")), routes());

    assertProblem(send("POST", "/v1/size", "1"), 401, "");
    assertProblem(send("POST", "/v1/size", "1", "Authorization", "Bearer reader"), 403, "");
  }

  @Test
  void shouldNotBeOpenToOtherMachinesWithoutATokenNorTellOne() {
    Map<String, String> open = Map.of("http.port", "0", "http.host", "0.0.0.0");
    assertThatThrownBy(() -> ApiServer.start(AccreteConfig.of(open), routes())).isInstanceOf(ConfigException.class)
        .hasMessageContaining("http.tokens.read").hasMessageContaining("ACCRETE_HTTP_TOKENS_WRITE").hasMessageContaining("127.0.0.1");
    assertThatThrownBy(() -> ApiServer.start(config(0).with(Map.of("http.tokens.write", "geheim\u00e4")), routes()))
        .isInstanceOf(ConfigException.class).hasMessageContaining("http.tokens.write").hasMessageNotContaining("geheim");
  }

  @Test
  void shouldRefuseChangesFromOtherWebSites() throws Exception {
    int port = api.url().getPort();
    assertThat(send("POST", "/v1/size", "1", "Origin", "http://127.0.0.1:" + port).statusCode()).isEqualTo(200);
    assertThat(send("POST", "/v1/size", "1", "Sec-Fetch-Site", "same-origin").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/v1/models", "", "Origin", "https://evil.example").statusCode()).isEqualTo(200);

    for (String origin : List.of("https://evil.example", "null", "http://127.0.0.1:" + (port + 1), "http://localhost:" + port,
        "http://evil.example@127.0.0.1:" + port)) {
      assertProblem(send("POST", "/v1/size", "1", "Origin", origin), 403, "another web site");
    }
    assertProblem(send("POST", "/v1/size", "1", "Sec-Fetch-Site", "cross-site"), 403, "another web site");
    assertProblem(send("DELETE", "/v1/size", "", "Sec-Fetch-Site", "same-site"), 403, "another web site");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/nowhere", "/metrics", "/v1/objects/bug", "/v1/objects/%00"})
  void shouldSendTheHeadersOfSafety(String path) throws Exception {
    Map<String, List<String>> headers = get(path).headers().map();

    assertThat(headers).containsEntry("x-content-type-options", List.of("nosniff"))
        .containsEntry("referrer-policy", List.of("no-referrer"));
    assertThat(headers.get("content-security-policy")).singleElement().asString().contains("default-src 'self'");
    if (path.equals("/v1/models")) {
      assertThat(headers).containsEntry("cache-control", List.of("no-store"));
    }
  }

  @Test
  void shouldDescribeItself() throws Exception {
    HttpResponse<String> response = get("/v1/openapi.yaml");

    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/yaml");
    assertThat(response.body()).startsWith("openapi: 3.1");
  }

  @Test
  void shouldTellOfTheModels() throws Exception {
    HttpResponse<String> response = get("/v1/models");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("""
        {"serving": "v1", "versions": [
          {"modelVersion": "v1", "state": "ACTIVE", "paused": false, "since": "2026-01-02T03:04:05Z", "reason": "the first",
           "coverage": 1.0, "unreadable": 0, "secondsLeft": null, "parent": null, "publishedAt": "2026-01-02T03:04:05Z",
           "metrics": {"aggregated.ar10": 0.9}, "partitions": []},
          {"modelVersion": "v2", "state": "BACKFILLING", "paused": true, "since": "2026-01-02T03:04:05Z", "reason": "ready",
           "coverage": 0.25, "unreadable": 2, "secondsLeft": 90, "parent": "v1", "publishedAt": "2026-01-02T03:04:05Z", "metrics": {},
           "partitions": [{"partition": 3, "coverage": 0.5, "objects": 10, "covered": 5, "unreadable": 2, "complete": false}]}]}"""));
  }

  @Test
  void shouldTellOfOneModel() throws Exception {
    assertThat(JSON.readTree(get("/v1/models/v2").body())).isEqualTo(JSON.readTree(get("/v1/models").body()).at("/versions/1"));
  }

  @Test
  void shouldTellHealthWithReasons() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);

    ready = List.of(new Health.Check("streams", false, "REBALANCING: partitions are being moved"), new Health.Check("model", true,
        "loaded"));
    HttpResponse<String> response = get("/health/ready");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(send("HEAD", "/health/ready", "").statusCode()).isEqualTo(503);
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
      assertThatThrownBy(() -> ApiServer.start(config(taken.getLocalPort()), routes()))
          .isInstanceOf(ConfigException.class).hasMessageContaining("127.0.0.1:" + taken.getLocalPort()).hasMessageContaining("http.port");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"does-not-exist.invalid", "203.0.113.1"})
  void shouldExplainAnAddressThatIsNotOurs(String host) {
    AccreteConfig config = AccreteConfig.of(Map.of("http.host", host, "http.port", "0", "http.tokens.read", "reader"));
    assertThatThrownBy(() -> ApiServer.start(config, routes())).isInstanceOf(ConfigException.class).hasMessageContaining(host);
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
