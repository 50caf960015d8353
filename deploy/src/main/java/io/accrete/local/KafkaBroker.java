package io.accrete.local;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/** A Kafka broker and its KRaft controller in this process, persisted in a directory, listening on loopback only. */
public final class KafkaBroker implements AutoCloseable {
  private static final String CONTROLLER = "CONTROLLER";
  private static final String PORT_FILE = "ports.properties";
  private static final int MEBI = 1024 * 1024;

  private final KraftServer server;
  private final DirectoryLock lock;
  private final String bootstrapServers;

  private KafkaBroker(KraftServer server, DirectoryLock lock, int port) {
    this.server = server;
    this.lock = lock;
    this.bootstrapServers = Ports.LOOPBACK + ":" + port;
  }

  /**
   * Starts a broker on the directory, formatting it at first use, and returns when it answers.
   *
   * @param port the port; 0: the one used last time in this directory if it is free, else any free one
   * @throws IllegalStateException if the directory is in use or cannot be written, or the port is taken; the message is for people
   */
  public static KafkaBroker start(Path dataDir, int port) {
    DirectoryLock lock = DirectoryLock.take(dataDir);
    try {
      Properties known = readPorts(dataDir);
      int broker = port == 0 ? Ports.firstFree(lastPort(known, "broker")) : Ports.require(port, "broker", "--broker-port");
      int controller = Ports.firstFree(lastPort(known, "controller"));
      writePorts(dataDir, broker, controller);
      Path logs = dataDir.resolve("log");
      format(logs);
      KraftServer server = new KraftServer(new KafkaConfig(properties(logs, broker, controller), false));
      startup(server);
      return new KafkaBroker(server, lock, broker);
    } catch (Exception e) {
      lock.close();
      throw e instanceof IllegalStateException known ? known
          : new IllegalStateException("The Kafka broker cannot start in " + dataDir.toAbsolutePath() + ": " + e, e);
    }
  }

  /** host:port for clients. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Stops the broker in order and waits until all is on disk. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    lock.close();
  }

  private static void startup(KraftServer server) throws InterruptedException {
    try {
      server.startup();
    } catch (RuntimeException | InterruptedException e) {
      server.shutdown();
      throw e;
    }
  }

  private static void format(Path logs) throws Exception {
    if (Files.exists(logs.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(logs);
    new Formatter()
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .setControllerListenerName(CONTROLLER)
        .setMetadataLogDirectory(logs.toString())
        .addDirectory(logs.toString())
        .run();
  }

  private static Map<String, Object> properties(Path logs, int broker, int controller) {
    Map<String, Object> p = new HashMap<>();
    p.put("process.roles", "broker,controller");
    p.put("node.id", "1");
    p.put("controller.quorum.voters", "1@" + Ports.LOOPBACK + ":" + controller);
    p.put("controller.listener.names", CONTROLLER);
    p.put("listeners", "PLAINTEXT://" + Ports.LOOPBACK + ":" + broker + "," + CONTROLLER + "://" + Ports.LOOPBACK + ":" + controller);
    p.put("advertised.listeners", "PLAINTEXT://" + Ports.LOOPBACK + ":" + broker);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
    p.put("log.dirs", logs.toString());
    p.put("auto.create.topics.enable", "false");
    p.put("message.max.bytes", Integer.toString(80 * MEBI)); // the largest image.max.bytes, 64 MiB, with room for the event around it
    for (String topic : new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
      p.put(topic + ".replication.factor", "1");
      p.put(topic + ".num.partitions", "4"); // one node, few groups: the default 50 only slows the start
    }
    p.put("transaction.state.log.min.isr", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("default.replication.factor", "1");
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("group.min.session.timeout.ms", "1000"); // clients may notice sooner than after 6 s that one of them was killed
    // After a kill the broker waits until the session of the one before has run out: 9 s by default.
    p.put("broker.session.timeout.ms", "4000");
    p.put("broker.heartbeat.interval.ms", "500");
    p.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 * MEBI));
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "4");
    p.put("background.threads", "2");
    return p;
  }

  private static int lastPort(Properties ports, String name) {
    return Integer.parseInt(ports.getProperty(name, "0"));
  }

  private static Properties readPorts(Path dataDir) throws IOException {
    Properties ports = new Properties();
    Path file = dataDir.resolve(PORT_FILE);
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        ports.load(reader);
      }
    }
    return ports;
  }

  private static void writePorts(Path dataDir, int broker, int controller) throws IOException {
    Properties ports = new Properties();
    ports.setProperty("broker", Integer.toString(broker));
    ports.setProperty("controller", Integer.toString(controller));
    try (Writer writer = Files.newBufferedWriter(dataDir.resolve(PORT_FILE))) {
      ports.store(writer, "Ports used last time.");
    }
  }
}
