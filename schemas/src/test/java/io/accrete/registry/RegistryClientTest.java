package io.accrete.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryClientTest {
  private static final Schema SCHEMA = SchemaBuilder.record("R").fields().requiredInt("a").endRecord();
  private static final String BUSY = "{\"error_code\":50003,\"message\":\"busy\"}";

  private TestRegistry registry;
  private RegistryClient client;

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
    client = client(registry.config());
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  @Test
  void shouldRegisterOnceAndRememberTheId() {
    assertThat(client.register("topic-value", SCHEMA)).isEqualTo(1);
    assertThat(client.register("topic-value", SCHEMA)).isEqualTo(1);
    assertThat(client.id("topic-value", SCHEMA)).isEqualTo(1);
    assertThat(registry.requests()).singleElement().satisfies(request -> {
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.path()).isEqualTo("/subjects/topic-value/versions");
      assertThat(request.contentType()).isEqualTo("application/vnd.schemaregistry.v1+json");
      assertThat(request.authorization()).isNull();
      assertThat(request.body()).contains("\"schema\":\"{\\\"type\\\":\\\"record\\\"");
    });
  }

  @Test
  void shouldFetchASchemaOnce() {
    int id = registry.add(SCHEMA.toString());
    assertThat(client.schema(id)).isEqualTo(SCHEMA);
    assertThat(client.schema(id)).isEqualTo(SCHEMA);
    assertThat(registry.requests()).hasSize(1);
  }

  @Test
  void shouldAskAgainForWhatWasUnknown() {
    assertThatExceptionOfType(UnknownSchemaException.class).isThrownBy(() -> client.schema(1)).withMessageContaining("40403")
        .satisfies(e -> assertThat(e.errorCode()).isEqualTo(40403));
    registry.add(SCHEMA.toString());
    assertThat(client.schema(1)).isEqualTo(SCHEMA);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 429})
  void shouldTryAgainWhenTheRegistryIsBusy(int status) {
    registry.next(status, BUSY).next(status, "<html>from a proxy</html>");
    assertThat(client.register("s", SCHEMA)).isEqualTo(1);
    assertThat(registry.requests()).hasSize(3);
  }

  @Test
  void shouldGiveUpAfterTheConfiguredRetries() {
    registry.next(503, BUSY).next(503, BUSY).next(503, BUSY);
    assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> client.register("s", SCHEMA))
        .withMessageContaining(registry.url()).withMessageContaining("busy");
    assertThat(registry.requests()).hasSize(3);
  }

  @Test
  void shouldUseAnotherAddressWhenOneIsDown() throws IOException {
    Map<String, Object> config = registry.config();
    config.put(RegistryConfig.URL, "http://127.0.0.1:" + closedPort() + "," + registry.url());
    config.put(RegistryConfig.MAX_RETRIES, 0);
    try (RegistryClient several = client(config)) {
      assertThat(several.register("s", SCHEMA)).isEqualTo(1);
    }
  }

  @Test
  void shouldSayThatNobodyListens() throws IOException {
    String down = "http://127.0.0.1:" + closedPort();
    try (RegistryClient alone = client(Map.of(RegistryConfig.URL, down, RegistryConfig.MAX_RETRIES, 1, RegistryConfig.RETRY_WAIT, 1))) {
      assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> alone.schema(1))
          .withMessageContaining(down).withMessageContaining("Is it running").withMessageContaining(RegistryConfig.URL);
    }
  }

  @Test
  void shouldNotWaitForASilentServer() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RegistryClient patient = client(Map.of(RegistryConfig.URL, "http://127.0.0.1:" + silent.getLocalPort(),
            RegistryConfig.READ_TIMEOUT, 50, RegistryConfig.MAX_RETRIES, 0))) {
      assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> patient.schema(1))
          .withMessageContaining("no answer within 50 ms");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "HTTP/1.1 200 OK\r\nX-Never-Ending: ", ""})
  void shouldHangUpOnAServerThatDoesNotFinish(String start) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RegistryClient impatient = client(Map.of(RegistryConfig.URL, "http://127.0.0.1:" + server.getLocalPort(),
            RegistryConfig.READ_TIMEOUT, 500, RegistryConfig.MAX_RETRIES, 0))) {
      CompletableFuture<Void> hungUp = CompletableFuture.runAsync(() -> {
        try (Socket connection = server.accept()) {
          connection.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
          connection.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException e) {
          // hung up before everything was read
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> impatient.schema(1))
          .withMessageContaining("cannot be reached");
      hungUp.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void shouldNotRepeatWhatIsRefused() {
    registry.next(409, "{\"error_code\":409,\"message\":\"incompatible with version 1\"}");
    assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> client.register("s", SCHEMA))
        .isExactlyInstanceOf(RegistryException.class)
        .withMessageContaining("incompatible with version 1").satisfies(e -> assertThat(e.errorCode()).isEqualTo(409));
    assertThat(registry.requests()).hasSize(1);
  }

  @Test
  void shouldAuthenticateWithoutTellingThePassword() {
    Map<String, Object> config = registry.config();
    config.put(RegistryConfig.USER_INFO, "reader:s3cr3t");
    try (RegistryClient known = client(config)) {
      known.register("s", SCHEMA);
      assertThat(registry.requests().get(0).authorization())
          .isEqualTo("Basic " + Base64.getEncoder().encodeToString("reader:s3cr3t".getBytes(StandardCharsets.UTF_8)));
      registry.next(401, "{\"error_code\":401,\"message\":\"Unauthorized\"}");
      assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> known.schema(9))
          .withMessageContaining(RegistryConfig.USER_INFO).satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cr3t"));
      assertThat(registry.requests()).hasSize(2);
    }
  }

  @Test
  void shouldKeepThePathOfTheAddress() throws IOException {
    try (TestRegistry below = TestRegistry.start("/apis/ccompat/v7"); RegistryClient prefixed = client(below.config())) {
      assertThat(prefixed.schema(prefixed.register("s", SCHEMA))).isEqualTo(SCHEMA);
      assertThat(below.requests().get(0).path()).isEqualTo("/apis/ccompat/v7/subjects/s/versions");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 400, 302, 200})
  void shouldTellAWrongAddressFromAnUnknownSchema(int status) {
    for (int i = 0; i < 3; i++) {
      registry.next(status, "<html>some other server</html>");
    }
    assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> client.schema(1))
        .withMessageContaining("not answer").withMessageContaining(RegistryConfig.URL);
  }

  @Test
  void shouldBoundTheAnswer() {
    for (int i = 0; i < 3; i++) {
      registry.next(200, " ".repeat(17 * 1024 * 1024));
    }
    assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> client.schema(1)).withMessageContaining("larger than");
  }

  @Test
  void shouldQuoteAServerBriefly() {
    registry.next(422, "{\"error_code\":42201,\"message\":\"" + "x".repeat(1_000_000) + "\"}")
        .next(200, "{\"schema\":\"" + "y".repeat(1_000_000) + "\"}").next(200, "{\"schemaType\":\"" + "z".repeat(1_000_000) + "\"}");
    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> client.schema(1))
          .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1_000));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"seven\"", "7.5", "null", "99999999999", "{}"})
  void shouldNotTakeAnythingElseForAnId(String id) {
    registry.next(200, "{\"id\":" + id + "}");
    assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> client.register("s", SCHEMA))
        .withMessageContaining("no number as 'id'; found " + id);
    assertThat(client.register("s", SCHEMA)).isEqualTo(1);
  }

  @Test
  void shouldEncodeSubjects() {
    client.register("a b/c:d", SCHEMA);
    assertThat(registry.requests().get(0).path()).isEqualTo("/subjects/a%20b%2Fc%3Ad/versions");
  }

  @Test
  void shouldReadVersions() {
    String version = "{\"subject\":\"s\",\"version\":3,\"id\":7,\"schema\":\"\\\"int\\\"\"}";
    registry.next(200, version).next(200, version).next(200, version).next(200, "[1,3]").next(200, "[\"s\"]");
    RegisteredSchema expected = new RegisteredSchema("s", 3, 7, Schema.create(Schema.Type.INT));
    assertThat(client.latest("s")).isEqualTo(expected);
    assertThat(client.version("s", 3)).isEqualTo(expected);
    assertThat(client.lookup("s", SCHEMA)).isEqualTo(expected);
    assertThat(client.versions("s")).containsExactly(1, 3);
    assertThat(client.subjects()).containsExactly("s");
    assertThat(registry.requests()).extracting(TestRegistry.Request::path)
        .containsExactly("/subjects/s/versions/latest", "/subjects/s/versions/3", "/subjects/s", "/subjects/s/versions", "/subjects");
  }

  @Test
  void shouldCheckAndSetCompatibility() {
    registry.next(200, "{\"is_compatible\":false}").next(200, "{\"compatibility\":\"FULL\"}")
        .next(200, "{\"compatibilityLevel\":\"FULL\"}");
    assertThat(client.isCompatible("s", SCHEMA)).isFalse();
    client.setCompatibility("s", "FULL");
    assertThat(client.compatibility(null)).isEqualTo("FULL");
    assertThat(registry.requests()).extracting(request -> request.method() + " " + request.path())
        .containsExactly("POST /compatibility/subjects/s/versions/latest", "PUT /config/s", "GET /config");
    assertThat(registry.requests().get(1).body()).isEqualTo("{\"compatibility\":\"FULL\"}");
  }

  @Test
  void shouldRefuseWhatIsNotAvro() {
    registry.next(200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"message M {}\"}").next(200, "{\"schema\":\"{\"}")
        .next(200, "{\"schema\":\"\\\"Other\\\"\",\"references\":[{\"name\":\"Other\",\"subject\":\"o\",\"version\":1}]}");
    for (String why : List.of("PROTOBUF", "not a valid Avro schema", "refers to other subjects")) {
      assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> client.schema(1)).withMessageContaining(why)
          .isNotInstanceOf(RegistryUnavailableException.class);
    }
  }

  @Test
  void shouldRefuseAddressesItCannotUse() {
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> client(Map.of(RegistryConfig.URL, "http://me:s3cr3t@127.0.0.1:1")))
        .withMessageContaining(RegistryConfig.USER_INFO).satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cr3t"));
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> client(Map.of(RegistryConfig.URL, "localhost:8081")))
        .withMessageContaining("http");
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> client(Map.of(RegistryConfig.URL, "")))
        .withMessageContaining(RegistryConfig.URL);
  }

  private static RegistryClient client(Map<String, Object> config) {
    return new RegistryClient(new RegistryConfig(config));
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
