package io.accrete.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccreteConfigTest {
  @TempDir private Path dir;

  @Test
  void shouldPreferFlagsToEnvironmentToFileToDefaults() throws Exception {
    Path file = Files.writeString(dir.resolve("accrete.properties"), "http.port=1\nstream.threads=1\ncommit.interval.ms = 11 \n");
    AccreteConfig config = AccreteConfig.load(file, Map.of("ACCRETE_HTTP_PORT", "2", "ACCRETE_STREAM_THREADS", "2"),
        Map.of("http.port", "3"));
    assertThat(config.getInt(ConfigKeys.API_PORT)).isEqualTo(3);
    assertThat(config.getInt(ConfigKeys.STREAM_THREADS)).isEqualTo(2);
    assertThat(config.getInt(ConfigKeys.COMMIT_INTERVAL)).isEqualTo(11);
    assertThat(config.getString(ConfigKeys.API_HOST)).isEqualTo("127.0.0.1");
  }

  @Test
  void shouldRefuseAKeyItDoesNotKnow() throws Exception {
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AccreteConfig.of(Map.of("http.prot", "1")))
        .withMessageContaining("'http.prot'");
    Path file = Files.writeString(dir.resolve("accrete.properties"), "htp.port=1\n");
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AccreteConfig.load(file, Map.of(), Map.of()))
        .withMessageContaining("'htp.port'");
  }

  @Test
  void shouldRefuseValuesOutOfRange() {
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AccreteConfig.of(Map.of("http.port", "70000")))
        .withMessageContaining("http.port");
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AccreteConfig.of(Map.of("device", "tpu")))
        .withMessageContaining("device");
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AccreteConfig.of(Map.of("stream.threads", "many")))
        .withMessageContaining("many");
  }

  @Test
  void shouldNameTheFileItCannotRead() {
    Path missing = dir.resolve("missing.properties");
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AccreteConfig.load(missing, Map.of(), Map.of()))
        .withMessageContaining(missing.toString());
  }

  @Test
  void shouldHandSettingsToKafka() {
    AccreteConfig config = AccreteConfig.load(null,
        Map.of("ACCRETE_KAFKA_SECURITY_PROTOCOL", "SSL", "ACCRETE_BOOTSTRAP_SERVERS", "a:1,b:2", "PATH", "/bin"),
        Map.of("kafka.client.id", "me"));
    assertThat(config.kafkaClient()).containsOnly(
        Map.entry("bootstrap.servers", "a:1,b:2"), Map.entry("security.protocol", "SSL"), Map.entry("client.id", "me"));
  }

  @Test
  void shouldHaveOneEnvironmentNameAKey() {
    assertThat(AccreteConfig.environmentName("http.port")).isEqualTo("ACCRETE_HTTP_PORT");
    assertThat(ConfigKeys.DEFINITION.names()).extracting(AccreteConfig::environmentName).doesNotHaveDuplicates();
  }

  @Test
  void shouldNeverShowASecret() {
    for (ConfigDef.ConfigKey key : ConfigKeys.DEFINITION.configKeys().values()) {
      boolean secret = key.name.endsWith("password") || key.name.endsWith("secret.key") || key.name.endsWith("user.info")
          || key.name.startsWith("http.tokens.");
      assertThat(key.type == ConfigDef.Type.PASSWORD).as(key.name).isEqualTo(secret);
    }
    AccreteConfig config = AccreteConfig.of(Map.of(ConfigKeys.REGISTRY_USER_INFO, "me:s3cr3t", ConfigKeys.S3_SECRET_KEY, "s3cr3t"));
    assertThat(config + " " + config.values()).doesNotContain("s3cr3t");
    assertThat(config.getPassword(ConfigKeys.S3_SECRET_KEY).value()).isEqualTo("s3cr3t");
  }

  @Test
  void shouldCopyWithOtherValues() {
    AccreteConfig config = AccreteConfig.of(Map.of("http.port", "1", "kafka.client.id", "me")).with(Map.of("http.port", "2"));
    assertThat(config.getInt(ConfigKeys.API_PORT)).isEqualTo(2);
    assertThat(config.kafkaClient()).containsEntry("client.id", "me");
  }

  @Test
  void shouldBeDocumentedAsItIs() throws Exception {
    String documented = Files.readString(Path.of("..", "CONFIGURATION.md"));
    assertThat(documented.substring(documented.indexOf("\n## ") + 1))
        .as("CONFIGURATION.md below its introduction, which is the output of 'accrete config'")
        .isEqualTo(AccreteConfig.markdown().stripTrailing() + "\n");
  }
}
