package io.accrete.local.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.local.KafkaBroker;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry over HTTP on a real broker; subjects differ from test to test, so that one server serves them all. */
class RegistryServerTest {
  private static final String V1 = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}";
  private static final String V2 =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"int\",\"default\":0}]}";
  private static final String INCOMPATIBLE = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"c\",\"type\":\"string\"}]}";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  @TempDir private static Path dir;
  private static KafkaBroker broker;
  private static RegistryServer registry;

  record Answer(int status, JsonNode body) {}

  @BeforeAll
  static void start() {
    broker = KafkaBroker.start(dir, 0);
    registry = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0);
  }

  @AfterAll
  static void stop() {
    registry.close();
    broker.close();
  }

  @Test
  void shouldGiveOneIdToOneSchemaWhateverItsBlanksAndSubject() throws Exception {
    int id = register("same-a", V1);
    assertThat(register("same-a", V1)).isEqualTo(id);
    assertThat(register("same-a", V1.replace(",", " ,\n"))).isEqualTo(id);
    assertThat(register("same-b", V1)).isEqualTo(id);
    assertThat(get("/subjects/same-a/versions").body().toString()).isEqualTo("[1]");
    assertThat(get("/schemas/ids/" + id).body().path("schema").asText()).isEqualTo(V1);
    assertThat(get("/schemas/ids/" + id + "/schema").body()).isEqualTo(JSON.readTree(V1));
    assertThat(get("/schemas/ids/" + id + "/subjects").body().toString()).contains("same-a", "same-b");
  }

  @Test
  void shouldRefuseASchemaThatCannotReadTheLast() throws Exception {
    register("evolve", V1);
    Answer refused = post("/subjects/evolve/versions", schema(INCOMPATIBLE));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body().path("error_code").asInt()).isEqualTo(409);
    assertThat(post("/compatibility/subjects/evolve/versions/latest", schema(INCOMPATIBLE)).body().path("is_compatible").asBoolean())
        .isFalse();
    assertThat(post("/compatibility/subjects/evolve/versions/latest?verbose=true", schema(V2)).body().toString())
        .isEqualTo("{\"is_compatible\":true,\"messages\":[]}");
    register("evolve", V2);
    assertThat(get("/subjects/evolve/versions/latest").body().path("version").asInt()).isEqualTo(2);
  }

  @Test
  void shouldFollowTheLevelOfASubject() throws Exception {
    register("level", V1);
    assertThat(get("/config/level").body().path("error_code").asInt()).isEqualTo(40408);
    assertThat(get("/config/level?defaultToGlobal=true").body().path("compatibilityLevel").asText()).isEqualTo("BACKWARD");
    assertThat(put("/config/level", "{\"compatibility\":\"none\"}").body().toString()).isEqualTo("{\"compatibility\":\"NONE\"}");
    register("level", INCOMPATIBLE);
    assertThat(put("/config/level", "{\"compatibility\":\"FULL_TRANSITIVE\"}").status()).isEqualTo(200);
    assertThat(post("/compatibility/subjects/level/versions", schema(INCOMPATIBLE)).body().path("is_compatible").asBoolean()).isFalse();
    assertThat(delete("/config/level").body().path("compatibilityLevel").asText()).isEqualTo("FULL_TRANSITIVE");
    assertThat(put("/config/level", "{\"compatibility\":\"sideways\"}").body().path("error_code").asInt()).isEqualTo(42203);
  }

  @Test
  void shouldLookUpBySchema() throws Exception {
    int id = register("look", V1);
    assertThat(post("/subjects/look", schema(V1)).body().path("id").asInt()).isEqualTo(id);
    assertThat(post("/subjects/look", schema(V2)).body().path("error_code").asInt()).isEqualTo(40403);
    assertThat(post("/subjects/nobody", schema(V1)).body().path("error_code").asInt()).isEqualTo(40401);
  }

  @Test
  void shouldKeepIdsReadableAfterDeletion() throws Exception {
    int id = register("gone", V1);
    int second = register("gone", V2);
    assertThat(delete("/subjects/gone?permanent=true").body().path("error_code").asInt()).isEqualTo(40405);
    assertThat(delete("/subjects/gone").body().toString()).isEqualTo("[1,2]");
    assertThat(get("/subjects/gone/versions").body().path("error_code").asInt()).isEqualTo(40401);
    assertThat(get("/subjects/gone/versions?deleted=true").body().toString()).isEqualTo("[1,2]");
    assertThat(delete("/subjects/gone?permanent=true").status()).isEqualTo(200);
    assertThat(get("/subjects/gone/versions?deleted=true").status()).isEqualTo(404);
    assertThat(get("/schemas/ids/" + id).status()).isEqualTo(200);
    assertThat(get("/schemas/ids/" + second).status()).isEqualTo(200);
    assertThat(register("gone", INCOMPATIBLE)).isGreaterThan(second);
  }

  @Test
  void shouldAnswerBadRequestsWithConfluentsCodes() throws Exception {
    register("bad", V1);
    assertThat(post("/subjects/bad/versions", schema("{\"type\":\"nonsense\"}")).body().path("error_code").asInt()).isEqualTo(42201);
    assertThat(post("/subjects/bad/versions", "not json").body().path("error_code").asInt()).isEqualTo(42201);
    assertThat(post("/subjects/bad/versions", "{}").body().path("error_code").asInt()).isEqualTo(42201);
    assertThat(post("/subjects/bad/versions", "{\"schemaType\":\"PROTOBUF\",\"schema\":\"x\"}").status()).isEqualTo(422);
    assertThat(get("/subjects/bad/versions/99").body().path("error_code").asInt()).isEqualTo(40402);
    assertThat(get("/subjects/bad/versions/zero").body().path("error_code").asInt()).isEqualTo(42202);
    assertThat(get("/schemas/ids/987654").body().path("error_code").asInt()).isEqualTo(40403);
    assertThat(get("/nowhere").body().path("error_code").asInt()).isEqualTo(404);
  }

  @Test
  void shouldNotServeWebPages() throws Exception {
    HttpRequest fromAPage = HttpRequest.newBuilder(registry.url().resolve("/subjects")).header("Origin", "http://example.com").build();
    assertThat(HTTP.send(fromAPage, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(403);
  }

  @Test
  void shouldShutOutAnOlderRegistryOnTheSameTopic() throws Exception {
    int id = register("fenced", V1);
    try (RegistryServer newer = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0)) {
      assertThat(post("/subjects/fenced/versions", schema(V2)).status()).isEqualTo(500);
      assertThat(get("/subjects/fenced/versions").body().toString()).isEqualTo("[1]");
      RegistryServer fenced = registry;
      registry = newer;
      assertThat(register("fenced", V2)).isGreaterThan(id);
      fenced.close();
      registry = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0);
    }
    assertThat(get("/subjects/fenced/versions").body().toString()).isEqualTo("[1,2]");
  }

  @Test
  void shouldRememberEverythingAfterARestart() throws Exception {
    int id = register("restart", V1);
    put("/config/restart", "{\"compatibility\":\"NONE\"}");
    delete("/subjects/restart/versions/1");
    int second = register("restart", V2);
    registry.close();
    registry = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0);
    assertThat(get("/subjects/restart/versions").body().toString()).isEqualTo("[2]");
    assertThat(get("/config/restart").body().path("compatibilityLevel").asText()).isEqualTo("NONE");
    assertThat(get("/schemas/ids/" + id).body().path("schema").asText()).isEqualTo(V1);
    assertThat(register("restart", V2)).isEqualTo(second);
  }

  @Test
  void shouldNameThePortThatIsTaken() {
    assertThatThrownBy(() -> RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", registry.url().getPort()))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining(String.valueOf(registry.url().getPort()));
  }

  private static String schema(String text) throws Exception {
    return JSON.writeValueAsString(Map.of("schema", text));
  }

  private static int register(String subject, String text) throws Exception {
    Answer answer = post("/subjects/" + subject + "/versions", schema(text));
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return answer.body().path("id").asInt();
  }

  private static Answer get(String path) throws Exception {
    return send("GET", path, null);
  }

  private static Answer delete(String path) throws Exception {
    return send("DELETE", path, null);
  }

  private static Answer post(String path, String body) throws Exception {
    return send("POST", path, body);
  }

  private static Answer put(String path, String body) throws Exception {
    return send("PUT", path, body);
  }

  private static Answer send(String method, String path, String body) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(registry.url().resolve(path))
        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
        .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body)).build();
    HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }
}
