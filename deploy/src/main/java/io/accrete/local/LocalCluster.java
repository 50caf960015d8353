package io.accrete.local;

import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.local.registry.RegistryServer;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigDef;

/** A broker, a schema registry and the streams app in this process, on loopback only, with everything kept in one directory. */
public final class LocalCluster implements AutoCloseable {
  /** The file in the data directory with which every command finds this cluster. */
  public static final String CONFIG_FILE = "accrete.properties";
  private static final Ports DEFAULTS = new Ports(9092, 8081, 8080);

  private final Path dataDir;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private AccreteConfig config;
  private boolean closed;

  private LocalCluster(Path dataDir) {
    this.dataDir = dataDir;
  }

  /**
   * Starts broker and registry, with the app still to come.
   *
   * <p>Ports that are not given are those of the last time, else 9092, 8081 and 8080, each if it is free, else any.
   *
   * @param given the configuration; addresses and the state directory in it are replaced by the cluster's own
   * @throws IllegalStateException if the directory or a given port cannot be used; the message is for people
   */
  public static LocalCluster open(Path dataDir, AccreteConfig given, Ports ports) {
    LocalCluster cluster = new LocalCluster(dataDir.toAbsolutePath().normalize());
    try {
      cluster.openParts(given, ports);
      return cluster;
    } catch (RuntimeException | IOException e) {
      cluster.close();
      throw e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e.getMessage(), e);
    }
  }

  /** Starts the app, with this bundle unless another model version is active. */
  public synchronized Instance serve(Bundle bundle) {
    if (closed) {
      throw new IllegalStateException("The local cluster was stopped.");
    }
    Instance instance = Instance.start(config, bundle);
    parts.push(instance);
    return instance;
  }

  /** How to reach this cluster. */
  public AccreteConfig config() {
    return config;
  }

  /** The same as a file, for other processes. */
  public Path configFile() {
    return dataDir.resolve(CONFIG_FILE);
  }

  /** Stops everything in order: the API, the app with its models, the registry, the broker. Further calls wait for the first. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    RuntimeException failure = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) { // the others must be stopped all the same
        IllegalStateException next = new IllegalStateException("The local cluster did not stop cleanly: " + e.getMessage(), e);
        if (failure == null) {
          failure = next;
        } else {
          failure.addSuppressed(next);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void openParts(AccreteConfig given, Ports ports) throws IOException {
    parts.push(DirectoryLock.take(dataDir));
    Properties last = last();
    KafkaBroker broker = KafkaBroker.start(dataDir.resolve("kafka"),
        port(ports.broker(), last.getProperty(ConfigKeys.BOOTSTRAP_SERVERS), DEFAULTS.broker(), "broker", "--broker-port"));
    parts.push(broker);
    int registryPort = port(ports.registry(), last.getProperty(ConfigKeys.REGISTRY_URL), DEFAULTS.registry(), "schema registry",
        "--registry-port");
    RegistryServer registry = RegistryServer.start(broker.bootstrapServers(), Ports.LOOPBACK, registryPort);
    parts.push(registry);
    int api = port(ports.api(), last.getProperty(ConfigKeys.API_PORT), DEFAULTS.api(), "HTTP API", "--port");
    config = given.with(Map.of(
        ConfigKeys.BOOTSTRAP_SERVERS, broker.bootstrapServers(),
        ConfigKeys.REGISTRY_URL, registry.url().toString(),
        ConfigKeys.API_HOST, Ports.LOOPBACK,
        ConfigKeys.API_PORT, Integer.toString(api),
        ConfigKeys.TOPIC_REPLICATION, "1",
        ConfigKeys.STATE_DIR, dataDir.resolve("state").toString(),
        ConfigKeys.MODELS_URI, modelStore(given)));
    write(config);
    // After a kill the one instance takes its own place in the group at once instead of waiting for the dead one to time out.
    config = config.with(Map.of(AccreteConfig.KAFKA_PREFIX + "main.consumer.group.instance.id", "local"));
  }

  /** Of all that work with this cluster, whatever their state directory. */
  private String modelStore(AccreteConfig given) {
    String named = given.getString(ConfigKeys.MODELS_URI);
    return named.isEmpty() ? dataDir.resolve("state").resolve("models").toUri().toString() : named;
  }

  private int port(int given, String lastAddress, int fallback, String server, String option) {
    if (given != 0) {
      return Ports.require(given, server, option);
    }
    int last = lastAddress == null ? 0 : Integer.parseInt(lastAddress.substring(lastAddress.lastIndexOf(':') + 1));
    PortLease lease = PortLease.firstFree(last, fallback);
    parts.push(lease);
    return lease.port();
  }

  private Properties last() throws IOException {
    Properties last = new Properties();
    if (Files.exists(configFile())) {
      try (Reader reader = Files.newBufferedReader(configFile())) {
        last.load(reader);
      }
    }
    return last;
  }

  private void write(AccreteConfig config) throws IOException {
    Properties properties = new Properties();
    Map<String, String> values = new HashMap<>(config.originalsStrings());
    values.keySet().removeIf(LocalCluster::isSecret);
    properties.putAll(values);
    try (Writer writer = Files.newBufferedWriter(configFile())) {
      properties.store(writer, "The local cluster in this directory, for --config. Written at every start; secrets are left out.");
    }
  }

  private static boolean isSecret(String key) {
    ConfigDef.ConfigKey known = ConfigKeys.DEFINITION.configKeys().get(key);
    return known == null || known.type == ConfigDef.Type.PASSWORD; // the kafka.* settings may hold anything
  }
}
