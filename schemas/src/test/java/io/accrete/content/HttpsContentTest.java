package io.accrete.content;

import static io.accrete.content.ContentAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentException.Reason;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpsContentTest {
  private static final byte[] PHOTO = {1, 2, 3};
  private static final String PASSWORD = "changeit";

  @TempDir private Path temp;
  private Path keys;
  private HttpsServer server;

  @BeforeEach
  void start() throws Exception {
    keys = temp.resolve("keys.p12");
    Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
        "-alias", "server", "-keyalg", "EC",
        "-dname", "CN=test", "-ext", "SAN=ip:127.0.0.1", "-keystore", keys.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD)
        .redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes());
    assertThat(keytool.waitFor()).as(said).isZero();
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(serverContext()));
    server.createContext("/photo.jpg", exchange -> {
      exchange.sendResponseHeaders(200, PHOTO.length);
      exchange.getResponseBody().write(PHOTO);
      exchange.close();
    });
    server.createContext("/downgrade", exchange -> {
      exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/photo.jpg");
      exchange.sendResponseHeaders(302, -1);
      exchange.close();
    });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private SSLContext serverContext() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static ContentResolver resolver() {
    return ContentResolvers.from(AccreteConfig.of(Map.of("content.http.hosts", "*", "content.http.private.networks", "127.0.0.0/8")));
  }

  /** A resolver of a JDK whose trust store knows the server. */
  private ContentResolver trusting() {
    System.setProperty("javax.net.ssl.trustStore", keys.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    try {
      return resolver();
    } finally {
      System.clearProperty("javax.net.ssl.trustStore");
      System.clearProperty("javax.net.ssl.trustStorePassword");
    }
  }

  private String url(String host, String path) {
    return "https://" + host + ":" + server.getAddress().getPort() + path;
  }

  @Test
  void shouldReadFromServersWhoseCertificateIsTrusted() throws ContentException {
    try (ContentResolver content = trusting()) {
      assertThat(content.fetch(url("127.0.0.1", "/photo.jpg"))).isEqualTo(PHOTO);
    }
  }

  @Test
  void shouldRefuseCertificatesThatAreUnknownOrForAnotherName() {
    try (ContentResolver content = resolver(); ContentResolver trusting = trusting()) {
      assertThat(assertRefused(content, url("127.0.0.1", "/photo.jpg"), Reason.UNREACHABLE)).hasMessageContaining("TLS");
      assertThat(assertRefused(trusting, url("localhost", "/photo.jpg"), Reason.UNREACHABLE)).hasMessageContaining("TLS");
    }
  }

  @Test
  void shouldNotFollowRedirectsFromHttpsToHttp() {
    try (ContentResolver content = trusting()) {
      assertThat(assertRefused(content, url("127.0.0.1", "/downgrade"), Reason.NOT_ALLOWED)).hasMessageContaining("from https to http");
    }
  }
}
