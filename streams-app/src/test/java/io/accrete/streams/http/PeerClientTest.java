package io.accrete.streams.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Servers that ask each other. */
class PeerClientTest {
  private final HttpClient http = HttpClient.newHttpClient();
  private ApiServer near;
  private ApiServer far;

  @AfterEach
  void stop() {
    if (near != null) {
      near.close();
    }
    if (far != null) {
      far.close();
    }
  }

  /** A server that relays to that address; empty: it knows nobody. */
  private static ApiServer relaying(Map<String, String> config, Optional<String> owner) {
    PeerClient client = new PeerClient(peers(owner));
    return server(config, routes -> routes
        .get("/v1/things/{objectId}", context -> {
          if (!client.relay(context, PathIds.of(context, "objectId"))) {
            throw new QueryUnavailableException("It is not here.");
          }
        })
        .post("/v1/things/{objectId}", context -> client.relay(context, PathIds.of(context, "objectId"))));
  }

  private static ApiServer server(Map<String, String> config, Routes routes) {
    return ApiServer.start(AccreteConfig.of(config).with(Map.of("http.port", "0")), List.of(routes));
  }

  private static ApiServer having() {
    return server(Map.of(), routes -> routes
        .get("/v1/things/{objectId}", context -> {
          if (PathIds.of(context, "objectId").equals("busy")) {
            throw ProblemException.unavailable("Busy.").retryAfter(Duration.ofSeconds(7));
          }
          context.contentType("image/png").header("ETag", "\"1\"").header("X-Other", "stays").result(PathIds.of(context, "objectId")
              + " " + Params.all(context, "each") + " " + context.header("If-None-Match") + " " + context.header(PeerClient.LOCAL));
        })
        .post("/v1/things/{objectId}", context -> context.status(202).result(Bodies.mediaType(context) + " "
            + new String(Bodies.bytes(context, 100), StandardCharsets.UTF_8))));
  }

  private static Peers peers(Optional<String> owner) {
    Optional<Peer> peer = owner.map(address -> new Peer(address, false, Set.of(0)));
    return new Peers() {
      @Override
      public Optional<Peer> owner(String objectId) {
        return peer;
      }

      @Override
      public Peer self() {
        return new Peer("", true, Set.of());
      }

      @Override
      public List<Peer> others() {
        return peer.stream().toList();
      }

      @Override
      public Set<Integer> localPartitions() {
        return Set.of();
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
  }

  private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(near.url() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void shouldRelayQuestionsAndAnswersAsTheyAre() throws Exception {
    far = having();
    near = relaying(Map.of(), Optional.of(far.url().getAuthority()));

    HttpResponse<String> answer = get("/v1/things/a%2Fb%3B..%C3%A4%22?each=1&each=%26%2B%C3%A4", "If-None-Match", "\"0\"");

    assertThat(answer.body()).isEqualTo("a/b;..ä\" [1, &+ä] \"0\" true");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("image/png");
    assertThat(answer.headers().firstValue("ETag")).hasValue("\"1\"");
    assertThat(answer.headers().firstValue("X-Other")).isEmpty();
    assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");

    HttpResponse<String> posted = http.send(HttpRequest.newBuilder(URI.create(near.url() + "/v1/things/a")).header("Content-Type",
        "text/csv").POST(BodyPublishers.ofString("1,2")).build(), BodyHandlers.ofString());
    assertThat(posted.statusCode()).isEqualTo(202);
    assertThat(posted.body()).isEqualTo("text/csv 1,2");
  }

  @Test
  void shouldRelayProblems() throws Exception {
    far = having();
    near = relaying(Map.of(), Optional.of(far.url().getAuthority()));

    HttpResponse<String> answer = get("/v1/things/busy");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("Busy.");
  }

  @Test
  void shouldNotAskOnWhenAskedByAnInstance() throws Exception {
    far = having();
    near = relaying(Map.of(), Optional.of(far.url().getAuthority()));

    HttpResponse<String> answer = get("/v1/things/a", PeerClient.LOCAL, "true");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("It is not here.");
  }

  @Test
  void shouldSayWhyNobodyAnswers() throws Exception {
    String dead;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      dead = "127.0.0.1:" + free.getLocalPort();
    }
    near = relaying(Map.of(), Optional.of(dead));
    HttpResponse<String> refused = get("/v1/things/a");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(refused.body()).contains(dead, "cannot be connected to", "try again");

    near.close();
    near = relaying(Map.of(), Optional.empty());
    HttpResponse<String> nobody = get("/v1/things/a");
    assertThat(nobody.statusCode()).isEqualTo(503);
    assertThat(nobody.body()).contains("partition 0", "no instance");
  }

  @Test
  void shouldAskWithTheTokenOfWhoeverAsked() throws Exception {
    far = server(Map.of("http.tokens.read", "shared"), routes -> routes.get("/v1/things/{objectId}", context -> context.result("yes")));
    near = relaying(Map.of("http.tokens.read", "shared, mine"), Optional.of(far.url().getAuthority()));

    assertThat(get("/v1/things/a", "Authorization", "Bearer shared").body()).isEqualTo("yes");
    assertThat(get("/v1/things/a", "Cookie", "accrete_token=shared").body()).isEqualTo("yes");
    HttpResponse<String> unknown = get("/v1/things/a", "Authorization", "Bearer mine");
    assertThat(unknown.statusCode()).isEqualTo(503);
    assertThat(unknown.body()).contains("all instances need the same http.tokens");
  }
}
