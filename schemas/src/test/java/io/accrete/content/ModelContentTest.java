package io.accrete.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelContentTest {
  private static final byte[] MODEL = "model".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path dir;
  private final List<String> requests = new ArrayList<>();
  private HttpServer server;
  private HttpServer neighbour;

  @BeforeEach
  void start() throws IOException {
    server = serve();
    neighbour = serve();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    neighbour.stop(0);
  }

  /** Answers every path with the model, but for those of redirects. */
  private HttpServer serve() throws IOException {
    HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    started.createContext("/", exchange -> {
      try (exchange) {
        requests.add(exchange.getRequestURI().toString());
        exchange.sendResponseHeaders(200, MODEL.length);
        exchange.getResponseBody().write(MODEL);
      }
    });
    started.start();
    return started;
  }

  private void redirect(String path, String location) {
    server.createContext(path, exchange -> {
      try (exchange) {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(302, -1);
      }
    });
  }

  private static String url(HttpServer server, String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private AccreteConfig config(String... settings) {
    Map<String, String> values = new HashMap<>(Map.of("state.dir", dir.resolve("state").toString()));
    for (int i = 0; i < settings.length; i += 2) {
      values.put(settings[i], settings[i + 1]);
    }
    return AccreteConfig.of(values);
  }

  private static byte[] read(ModelContent content, String uri) throws ContentException, IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    content.copy(uri, MODEL.length, "allowed are", bytes);
    return bytes.toByteArray();
  }

  private static ContentException assertRefused(ModelContent content, String uri, Reason reason) {
    ContentException refused = catchThrowableOfType(ContentException.class, () -> read(content, uri));
    assertThat(refused).as(uri).isNotNull();
    assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(reason);
    return refused;
  }

  @Test
  void shouldReadTheStoreWhereverItIsAndNothingBesideIt() throws Exception {
    try (ModelContent content = ModelContent.from(config("models.uri", url(server, "/models/")))) {
      assertThat(read(content, url(server, "/models/v1/manifest.json"))).isEqualTo(MODEL);
      requests.clear();
      for (String beside : List.of("/models", "/models/", "/modelsx/a", "/admin", "/models/../admin", "/models/%2e%2e/admin", "/models%2Fa",
          "/models/a%2F..%2F..%2Fadmin", "/models/a?delete", "/models/a%5C..%5Cb")) {
        assertRefused(content, url(server, beside), Reason.NOT_ALLOWED);
      }
      assertRefused(content, url(neighbour, "/models/v1/manifest.json"), Reason.NOT_ALLOWED);
      assertRefused(content, url(server, "/models/a").replace("127.0.0.1", "localhost"), Reason.NOT_ALLOWED);
      assertRefused(content, "file:///etc/hostname", Reason.NOT_ALLOWED);
      assertRefused(content, "s3://bucket/a", Reason.NOT_ALLOWED);
      assertThat(requests).isEmpty();
    }
  }

  @Test
  void shouldNotLendTheStoresRightsToReferencesOnTheSameHost() {
    try (ModelContent content = ModelContent.from(config("models.uri", url(server, "/models"), "content.http.hosts", "*"))) {
      assertThat(assertRefused(content, url(server, "/admin"), Reason.NOT_ALLOWED)).hasMessageContaining("not public");
      assertThat(assertRefused(content, url(neighbour, "/admin"), Reason.NOT_ALLOWED)).hasMessageContaining("not public");
      assertThat(requests).isEmpty();
    }
  }

  @Test
  void shouldCheckEveryRedirect() throws Exception {
    redirect("/models/moved", url(server, "/models/there"));
    redirect("/models/admin", url(server, "/admin"));
    redirect("/models/neighbour", url(neighbour, "/models/there"));
    redirect("/models/metadata", "http://169.254.169.254/latest");
    redirect("/models/file", "file:///etc/hostname");
    try (ModelContent content = ModelContent.from(config("models.uri", url(server, "/models")))) {
      assertThat(read(content, url(server, "/models/moved"))).isEqualTo(MODEL);
      requests.clear();
      for (String path : List.of("/models/admin", "/models/neighbour", "/models/metadata", "/models/file")) {
        assertRefused(content, url(server, path), Reason.NOT_ALLOWED);
      }
      assertThat(requests).isEmpty();
    }
    try (ModelContent content = ModelContent.from(config("models.uri", url(server, "/models"), "content.http.hosts", "127.0.0.1",
        "content.http.private.networks", "127.0.0.0/8"))) {
      assertThat(read(content, url(server, "/models/neighbour"))).as("references may point there").isEqualTo(MODEL);
    }
  }

  @Test
  void shouldReadFoldersOfThisMachine() throws Exception {
    Path models = Files.createDirectories(dir.resolve("state/models/v1"));
    Files.write(models.resolve("manifest.json"), MODEL);
    Files.write(dir.resolve("state/secret"), MODEL);
    Files.createSymbolicLink(models.resolve("link"), dir.resolve("state/secret"));
    Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
    Files.write(elsewhere.resolve("manifest.json"), MODEL);

    try (ModelContent content = ModelContent.from(config())) {
      assertThat(read(content, models.resolve("manifest.json").toUri().toString())).isEqualTo(MODEL);
      assertRefused(content, models.resolve("none").toUri().toString(), Reason.NOT_FOUND);
      assertRefused(content, models.resolve("link").toUri().toString(), Reason.NOT_ALLOWED);
      assertRefused(content, dir.resolve("state/secret").toUri().toString(), Reason.NOT_ALLOWED);
      assertRefused(content, elsewhere.resolve("manifest.json").toUri().toString(), Reason.NOT_ALLOWED);
    }
    try (ModelContent content = ModelContent.from(config("content.file.roots", elsewhere.toString()))) {
      assertThat(read(content, elsewhere.resolve("manifest.json").toUri().toString())).isEqualTo(MODEL);
    }
    try (ModelContent content = ModelContent.from(config("models.uri", "file:" + dir.resolve("not-there-yet")))) {
      assertRefused(content, dir.resolve("not-there-yet/v1/manifest.json").toUri().toString(), Reason.NOT_FOUND);
    }
  }

  @Test
  void shouldHoldTheSizeLimitAndTellADiskFromAStore() throws Exception {
    try (ModelContent content = ModelContent.from(config("models.uri", url(server, "/models")))) {
      ContentException large = catchThrowableOfType(ContentException.class,
          () -> content.copy(url(server, "/models/a"), MODEL.length - 1, "the manifest says", OutputStream.nullOutputStream()));
      assertThat(large.reason()).isEqualTo(Reason.TOO_LARGE);
      assertThat(large).hasMessageContaining("/models/a has 5 bytes: the manifest says 4.");

      OutputStream full = new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          throw new IOException("No space left on device");
        }
      };
      assertThatThrownBy(() -> content.copy(url(server, "/models/a"), MODEL.length, "", full)).isExactlyInstanceOf(IOException.class)
          .hasMessage("No space left on device");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"models", "file:models", "file://host/models", "ftp://host/models", "a b", "https://me:hunter2@host/models",
      "https:///models", "s3:///a", "s3://models/a/../b", "https://host/a?b", "https://host/a#b", "https://under_score/"})
  void shouldExplainWhatIsNoStore(String uri) {
    assertThatThrownBy(() -> ModelContent.from(config("models.uri", uri))).isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("models.uri is not the address of a model store: expected file:///folder, s3://bucket/prefix or ")
        .hasMessageNotContaining("hunter2");
  }
}
