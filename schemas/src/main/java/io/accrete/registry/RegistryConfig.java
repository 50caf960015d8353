package io.accrete.registry;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/** Settings of the client and the serdes, under the names that Confluent's own use, so that one map fits both. Others are ignored. */
public final class RegistryConfig extends AbstractConfig {
  public static final String URL = "schema.registry.url";
  public static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
  public static final String USER_INFO = "basic.auth.user.info";
  public static final String TRUSTSTORE = "schema.registry.ssl.truststore.location";
  public static final String TRUSTSTORE_PASSWORD = "schema.registry.ssl.truststore.password";
  public static final String KEYSTORE = "schema.registry.ssl.keystore.location";
  public static final String KEYSTORE_PASSWORD = "schema.registry.ssl.keystore.password";
  public static final String KEY_PASSWORD = "schema.registry.ssl.key.password";
  public static final String CONNECT_TIMEOUT = "http.connect.timeout.ms";
  public static final String READ_TIMEOUT = "http.read.timeout.ms";
  public static final String MAX_RETRIES = "max.retries";
  public static final String RETRY_WAIT = "retries.wait.ms";
  public static final String RETRY_MAX_WAIT = "retries.max.wait.ms";
  public static final String AUTO_REGISTER = "auto.register.schemas";
  public static final String REMOVE_JAVA_PROPERTIES = "avro.remove.java.properties";
  public static final String SPECIFIC_READER = "specific.avro.reader";
  public static final String SPECIFIC_VALUE_TYPE = "specific.avro.value.type";
  public static final String SPECIFIC_KEY_TYPE = "specific.avro.key.type";

  private static final ConfigDef DEFINITION = new ConfigDef()
      .define(URL, Type.LIST, Importance.HIGH, "Addresses of the registry, tried in turn.")
      .define(USER_INFO, Type.PASSWORD, "", Importance.MEDIUM, "user:password.")
      .define(TRUSTSTORE, Type.STRING, "", Importance.LOW, "Trust store, PKCS12 or JKS.")
      .define(TRUSTSTORE_PASSWORD, Type.PASSWORD, "", Importance.LOW, "Its password.")
      .define(KEYSTORE, Type.STRING, "", Importance.LOW, "Key store, PKCS12 or JKS.")
      .define(KEYSTORE_PASSWORD, Type.PASSWORD, "", Importance.LOW, "Its password.")
      .define(KEY_PASSWORD, Type.PASSWORD, "", Importance.LOW, "Password of the key; empty: the key store's.")
      .define(CONNECT_TIMEOUT, Type.INT, 5_000, Range.atLeast(1), Importance.LOW, "Longest time to connect.")
      .define(READ_TIMEOUT, Type.INT, 5_000, Range.atLeast(1), Importance.LOW, "Longest time for one answer.")
      .define(MAX_RETRIES, Type.INT, 3, Range.atLeast(0), Importance.LOW, "Rounds over all addresses after the first.")
      .define(RETRY_WAIT, Type.INT, 200, Range.atLeast(0), Importance.LOW, "Pause before the first retry; it doubles.")
      .define(RETRY_MAX_WAIT, Type.INT, 5_000, Range.atLeast(0), Importance.LOW, "Longest pause.")
      .define(AUTO_REGISTER, Type.BOOLEAN, true, Importance.MEDIUM, "Whether the serializer registers schemas.")
      .define(SPECIFIC_READER, Type.BOOLEAN, false, Importance.MEDIUM, "Whether the deserializer yields the generated class.")
      .define(SPECIFIC_VALUE_TYPE, Type.CLASS, null, Importance.MEDIUM, "That class, for values.")
      .define(SPECIFIC_KEY_TYPE, Type.CLASS, null, Importance.MEDIUM, "That class, for keys.");

  public RegistryConfig(Map<String, ?> values) {
    super(DEFINITION, values, false); // false: never log values, they may hold secrets
  }

  /** The settings of the registry as our own and Confluent's serdes take them. */
  public static Map<String, Object> properties(AccreteConfig config) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put(URL, String.join(",", config.getList(ConfigKeys.REGISTRY_URL)));
    putUnlessEmpty(properties, USER_INFO, config.getPassword(ConfigKeys.REGISTRY_USER_INFO).value());
    if (properties.containsKey(USER_INFO)) {
      properties.put(CREDENTIALS_SOURCE, "USER_INFO");
    }
    putUnlessEmpty(properties, TRUSTSTORE, config.getString(ConfigKeys.REGISTRY_TRUSTSTORE));
    putUnlessEmpty(properties, TRUSTSTORE_PASSWORD, config.getPassword(ConfigKeys.REGISTRY_TRUSTSTORE_PASSWORD).value());
    putUnlessEmpty(properties, KEYSTORE, config.getString(ConfigKeys.REGISTRY_KEYSTORE));
    putUnlessEmpty(properties, KEYSTORE_PASSWORD, config.getPassword(ConfigKeys.REGISTRY_KEYSTORE_PASSWORD).value());
    properties.put(AUTO_REGISTER, true);
    properties.put(REMOVE_JAVA_PROPERTIES, true);
    return properties;
  }

  List<URI> urls() {
    List<URI> urls = getList(URL).stream().map(RegistryConfig::url).toList();
    if (urls.isEmpty()) {
      throw new ConfigException("Set " + URL + " to the address of the schema registry, for example http://127.0.0.1:8081.");
    }
    return urls;
  }

  private static URI url(String text) {
    URI url;
    try {
      url = URI.create(text.trim().replaceAll("/+$", ""));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(URL + ": '" + text + "' is not an address like http://127.0.0.1:8081.");
    }
    if (url.getRawUserInfo() != null) {
      throw new ConfigException(URL + " must not contain a user or password: set " + USER_INFO + " instead."); // and never print it
    }
    if (url.getHost() == null || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
      throw new ConfigException(URL + ": '" + text + "' is not an http or https address like http://127.0.0.1:8081.");
    }
    return url;
  }

  char[] secret(String key) {
    Password password = getPassword(key);
    return password.value().isEmpty() ? null : password.value().toCharArray();
  }

  private static void putUnlessEmpty(Map<String, Object> properties, String key, String value) {
    if (!value.isEmpty()) {
      properties.put(key, value);
    }
  }
}
