package io.accrete.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;

/**
 * The configuration of every Accrete program: a properties file, overridden by the environment, overridden by flags.
 *
 * <p>Keys are those of {@link ConfigKeys}, and {@code kafka.*}, which goes to every Kafka client with the prefix removed
 * ({@code kafka.security.protocol=SASL_SSL}). In the environment {@code http.port} is {@code ACCRETE_HTTP_PORT}.
 */
public final class AccreteConfig extends AbstractConfig {
  /** Prefix of keys handed to Kafka clients. */
  public static final String KAFKA_PREFIX = "kafka.";
  private static final String ENV_PREFIX = "ACCRETE_";

  private AccreteConfig(Map<String, String> values) {
    super(ConfigKeys.DEFINITION, values, false); // false: never log values, they may hold secrets
  }

  /** A configuration of these values alone; throws {@link ConfigException} with a message for people. */
  public static AccreteConfig of(Map<String, String> values) {
    for (String key : values.keySet()) {
      if (!ConfigKeys.DEFINITION.names().contains(key) && !key.startsWith(KAFKA_PREFIX)) {
        throw new ConfigException("Unknown configuration key '" + key + "'. Keys are listed by 'accrete config';"
            + " settings for Kafka's clients begin with 'kafka.'.");
      }
    }
    return new AccreteConfig(values);
  }

  /**
   * Loads the file (null: none), then the environment, then the flags; later ones win.
   *
   * @throws ConfigException if the file cannot be read, a key is unknown or a value is out of range
   */
  public static AccreteConfig load(Path file, Map<String, String> environment, Map<String, String> flags) {
    Map<String, String> values = new LinkedHashMap<>();
    if (file != null) {
      values.putAll(read(file));
    }
    values.putAll(fromEnvironment(environment));
    values.putAll(flags);
    return of(values);
  }

  /** Name of the environment variable for a key. */
  public static String environmentName(String key) {
    return ENV_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  /** Settings for Kafka's own clients: bootstrap servers and everything under {@code kafka.}. */
  public Map<String, Object> kafkaClient() {
    Map<String, Object> client = new LinkedHashMap<>(originalsWithPrefix(KAFKA_PREFIX));
    client.put(ConfigKeys.BOOTSTRAP_SERVERS, String.join(",", getList(ConfigKeys.BOOTSTRAP_SERVERS)));
    return client;
  }

  /** Where local state is kept, as the key says it: relative to the working directory unless it is absolute. */
  public Path stateDirectory() {
    String directory = getString(ConfigKeys.STATE_DIR);
    return Path.of(directory.isEmpty() ? "accrete-state" : directory);
  }

  /** A copy with some keys set to other values. */
  public AccreteConfig with(Map<String, String> overrides) {
    Map<String, String> values = new LinkedHashMap<>();
    originalsStrings().forEach(values::put);
    values.putAll(overrides);
    return of(values);
  }

  /** The table of all keys as Markdown. */
  public static String markdown() {
    return ConfigTable.markdown();
  }

  private static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException("Cannot read the configuration file " + file + ": " + e.getMessage());
    }
    Map<String, String> values = new LinkedHashMap<>();
    properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name).trim()));
    return values;
  }

  private static Map<String, String> fromEnvironment(Map<String, String> environment) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String key : ConfigKeys.DEFINITION.names()) {
      String value = environment.get(environmentName(key));
      if (value != null) {
        values.put(key, value);
      }
    }
    String kafka = environmentName(KAFKA_PREFIX);
    environment.forEach((name, value) -> {
      if (name.startsWith(kafka)) {
        values.put(KAFKA_PREFIX + name.substring(kafka.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
      }
    });
    return values;
  }
}
