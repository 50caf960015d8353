package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.local.registry.RegistryServer;
import io.accrete.streams.http.PeerClient;
import io.accrete.streams.rollout.Coordinator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/** A broker and instances in processes of their own, each of which can be killed, and a registry that can be stopped. */
final class RealCluster implements AutoCloseable {
  static final String APPLICATION = "accrete";
  /** Partitions of the dead wait for the end of their sessions, and every rebalance for the heartbeats of all others. */
  private static final Map<String, String> SHORT_SESSIONS = Map.of(
      AccreteConfig.KAFKA_PREFIX + "session.timeout.ms", "3000", // of the coordinator
      AccreteConfig.KAFKA_PREFIX + "consumer.session.timeout.ms", "3000", // of the stream threads
      AccreteConfig.KAFKA_PREFIX + "heartbeat.interval.ms", "500");
  private static final String LOOPBACK = "127.0.0.1";
  private static final long PATIENCE_SECONDS = 180;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path dir;
  private final Map<String, String> settings;
  private final int brokerPort = freePort();
  private final int registryPort = freePort();
  private final List<Process> processes = new ArrayList<>();
  private final Admin admin;
  private Process broker;
  private RegistryServer registry;

  RealCluster(Path dir, Map<String, String> more) throws Exception {
    this.dir = dir;
    settings = new HashMap<>(more);
    settings.put(ConfigKeys.BOOTSTRAP_SERVERS, LOOPBACK + ":" + brokerPort);
    settings.put(ConfigKeys.REGISTRY_URL, "http://" + LOOPBACK + ":" + registryPort);
    settings.put(ConfigKeys.APPLICATION_ID, APPLICATION);
    settings.putAll(SHORT_SESSIONS);
    settings.put(AccreteConfig.KAFKA_PREFIX + "default.api.timeout.ms", "60000"); // an instance must not give up where a machine is busy
    try {
      startBroker();
      startRegistry();
    } catch (Exception | AssertionError e) {
      kill(broker);
      throw e;
    }
    Map<String, Object> client = new HashMap<>(config().kafkaClient());
    client.put("request.timeout.ms", 2000);
    client.put("default.api.timeout.ms", 2000);
    admin = Admin.create(client);
  }

  Map<String, String> settings() {
    return Map.copyOf(settings);
  }

  AccreteConfig config() {
    return AccreteConfig.of(settings);
  }

  private void startBroker() throws Exception {
    broker = java("broker", BrokerMain.class, List.of(dir.resolve("kafka").toString(), Integer.toString(brokerPort)));
    await("the broker", broker, () -> output("broker").endsWith(LOOPBACK + ":" + brokerPort + "\n"));
  }

  void startRegistry() {
    registry = RegistryServer.start(LOOPBACK + ":" + brokerPort, LOOPBACK, registryPort);
  }

  void stopRegistry() {
    registry.close();
  }

  Server serve(String name, Path bundle) throws IOException {
    return new Server(name, bundle);
  }

  /** One instance, as {@code accrete serve} runs it; started, killed and started again with the same state. */
  final class Server {
    final String name;
    final int port = freePort();
    final Path bundle;
    Process process;

    private int saidBefore;

    private Server(String name, Path bundle) throws IOException {
      this.name = name;
      this.bundle = bundle;
      start();
    }

    void start() throws IOException {
      List<String> arguments = new ArrayList<>(List.of("serve"));
      Map<String, String> all = new HashMap<>(settings);
      all.put(ConfigKeys.STATE_DIR, state().toString());
      all.put(ConfigKeys.API_PORT, Integer.toString(port));
      all.put(ConfigKeys.BUNDLE, bundle.toString());
      all.put(AccreteConfig.KAFKA_PREFIX + "client.id", name);
      all.forEach((key, value) -> arguments.addAll(List.of("-c", key + "=" + value)));
      saidBefore = Files.exists(outputFile(name)) ? output(name).length() : 0;
      process = java(name, Accrete.class, arguments);
    }

    Path state() {
      return dir.resolve("state-" + name);
    }

    void killNow() throws InterruptedException {
      kill(process);
    }

    void stop() throws InterruptedException {
      process.destroy();
      process.waitFor();
    }

    /** What it said since it was started last. */
    String said() {
      return output(name).substring(saidBefore);
    }

    void awaitReady() throws Exception {
      await("readiness", process, this::isReady);
    }

    private boolean isReady() {
      try {
        return get("/health/ready").statusCode() == 200;
      } catch (IllegalStateException notYet) {
        return false;
      }
    }

    HttpResponse<String> get(String path) {
      return send(path, HttpRequest.newBuilder());
    }

    /** As another instance asks: answered from the partitions that it has itself. */
    HttpResponse<String> getLocal(String path) {
      return send(path, HttpRequest.newBuilder().header(PeerClient.LOCAL, "true"));
    }

    private HttpResponse<String> send(String path, HttpRequest.Builder request) {
      try {
        return http.send(request.uri(URI.create("http://" + LOOPBACK + ":" + port + path)).build(), BodyHandlers.ofString());
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(name + path, e);
      }
    }

    void awaitSaid(String text) throws Exception {
      await(text, process, () -> said().contains(text));
    }
  }

  /** Waits until so many events are committed by the app. */
  void awaitCommitted(long events, Server watched) throws Exception {
    await(events + " committed events", watched.process, () -> committed() >= events);
  }

  long committed() {
    try {
      return admin.listConsumerGroupOffsets(APPLICATION).partitionsToOffsetAndMetadata().get().values().stream()
          .filter(offset -> offset != null).mapToLong(OffsetAndMetadata::offset).sum();
    } catch (ExecutionException | InterruptedException notYet) {
      return 0;
    }
  }

  /** Name of the server that decides about rollouts, as the broker knows it; empty: none does. */
  Optional<String> inCharge() throws InterruptedException {
    String group = Coordinator.group(config());
    try {
      return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().members().stream()
          .filter(member -> !member.assignment().topicPartitions().isEmpty()).map(MemberDescription::clientId).findFirst();
    } catch (ExecutionException notYet) {
      return Optional.empty();
    }
  }

  void await(String what, Process process, BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        throw new AssertionError((process.isAlive() ? "Waited too long for " : "The process ended before ") + what + "\n" + allOutput());
      }
    }
  }

  String allOutput() throws IOException {
    StringBuilder all = new StringBuilder();
    try (var files = Files.list(dir)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".out")).sorted().toList()) {
        all.append("== ").append(file.getFileName()).append('\n').append(Files.readString(file)).append('\n');
      }
    }
    return all.toString();
  }

  private String output(String name) {
    try {
      return Files.readString(outputFile(name));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path outputFile(String name) {
    return dir.resolve(name + ".out");
  }

  private Process java(String name, Class<?> main, List<String> arguments) throws IOException {
    Process process = ChildJvm.of(main, 384, outputFile(name), arguments).start();
    processes.add(process);
    return process;
  }

  private static void kill(Process process) {
    process.destroyForcibly().onExit().join();
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    admin.close();
    for (int i = processes.size() - 1; i > 0; i--) {
      kill(processes.get(i));
    }
    registry.close();
    kill(processes.get(0));
    kill(broker);
  }
}
