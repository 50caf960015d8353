package io.accrete.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.File;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores are made by keytool: the server's key and certificate (PKCS12), the certificate alone (JKS), and a client's. */
class RegistryTlsTest {
  private static final String PASSWORD = "chang3it";
  private static final Schema SCHEMA = Schema.create(Schema.Type.INT);

  @TempDir private static Path dir;

  @BeforeAll
  static void makeStores() throws Exception {
    for (String owner : List.of("server", "client")) {
      keytool("-genkeypair", "-alias", owner, "-keyalg", "EC", "-dname", "CN=" + owner, "-ext", "san=ip:127.0.0.1",
          "-keystore", file(owner + ".p12"), "-storetype", "PKCS12");
      keytool("-exportcert", "-alias", owner, "-keystore", file(owner + ".p12"), "-file", file(owner + ".cer"));
    }
    keytool("-importcert", "-noprompt", "-alias", "server", "-file", file("server.cer"), "-keystore", file("trust.jks"),
        "-storetype", "JKS");
    keytool("-importcert", "-noprompt", "-alias", "client", "-file", file("client.cer"), "-keystore", file("clients.p12"),
        "-storetype", "PKCS12");
  }

  @Test
  void shouldTrustTheConfiguredStore() throws Exception {
    try (TestRegistry registry = TestRegistry.startTls(serverContext(), false); RegistryClient client = client(trusting(registry))) {
      assertThat(client.schema(client.register("s", SCHEMA))).isEqualTo(SCHEMA);
    }
  }

  @Test
  void shouldNotTrustAStranger() throws Exception {
    try (TestRegistry registry = TestRegistry.startTls(serverContext(), false); RegistryClient client = client(registry.config())) {
      assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> client.register("s", SCHEMA))
          .withMessageContaining("SSL");
    }
    try (TestRegistry registry = TestRegistry.startTls(serverContext(), false)) {
      Map<String, Object> byName = trusting(registry);
      byName.put(RegistryConfig.URL, registry.url().replace("127.0.0.1", "localhost")); // the certificate is for the address only
      try (RegistryClient client = client(byName)) {
        assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> client.register("s", SCHEMA));
      }
      assertThat(registry.requests()).isEmpty();
    }
  }

  @Test
  void shouldShowItsCertificate() throws Exception {
    try (TestRegistry registry = TestRegistry.startTls(serverContext(), true)) {
      Map<String, Object> config = trusting(registry);
      try (RegistryClient stranger = client(config)) {
        assertThatExceptionOfType(RegistryUnavailableException.class).isThrownBy(() -> stranger.register("s", SCHEMA));
      }
      config.put(RegistryConfig.KEYSTORE, file("client.p12"));
      config.put(RegistryConfig.KEYSTORE_PASSWORD, PASSWORD);
      try (RegistryClient known = client(config)) {
        assertThat(known.register("s", SCHEMA)).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldSayWhichStoreCannotBeRead() {
    Map<String, Object> config = Map.of(RegistryConfig.URL, "https://127.0.0.1:1",
        RegistryConfig.TRUSTSTORE, file("trust.jks"), RegistryConfig.TRUSTSTORE_PASSWORD, "wr0ng-one");
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> client(config))
        .withMessageContaining(RegistryConfig.TRUSTSTORE).withMessageContaining("trust.jks")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("wr0ng-one"));
  }

  private static Map<String, Object> trusting(TestRegistry registry) {
    Map<String, Object> config = registry.config();
    config.put(RegistryConfig.TRUSTSTORE, file("trust.jks"));
    config.put(RegistryConfig.TRUSTSTORE_PASSWORD, PASSWORD);
    return config;
  }

  private static RegistryClient client(Map<String, Object> config) {
    return new RegistryClient(new RegistryConfig(config));
  }

  private static SSLContext serverContext() throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(new File(file("server.p12")), PASSWORD.toCharArray()), PASSWORD.toCharArray());
    TrustManagerFactory clients = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    clients.init(KeyStore.getInstance(new File(file("clients.p12")), PASSWORD.toCharArray()));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), clients.getTrustManagers(), null);
    return context;
  }

  private static String file(String name) {
    return dir.resolve(name).toString();
  }

  private static void keytool(String... arguments) throws Exception {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    List<String> command = Stream.of(List.of(keytool), Arrays.asList(arguments), List.of("-storepass", PASSWORD))
        .flatMap(List::stream).toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }
}
