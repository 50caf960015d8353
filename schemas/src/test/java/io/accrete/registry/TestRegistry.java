package io.accrete.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Registration and look-up by id as Confluent's API has them, on loopback, with answers that a test may put before its own. */
public final class TestRegistry implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a client sent. */
  public record Request(String method, String path, String authorization, String contentType, String body) {}

  private record Answer(int status, String body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final String prefix;
  private final List<String> schemas = new CopyOnWriteArrayList<>(); // id = index + 1
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Queue<Answer> scripted = new ConcurrentLinkedQueue<>();

  private TestRegistry(HttpServer server, String prefix) {
    this.server = server;
    this.prefix = prefix;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public static TestRegistry start() throws IOException {
    return start("");
  }

  static TestRegistry start(String prefix) throws IOException {
    return new TestRegistry(HttpServer.create(loopback(), 0), prefix);
  }

  static TestRegistry startTls(SSLContext context, boolean clientCertificate) throws IOException {
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters connection) {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setNeedClientAuth(clientCertificate);
        connection.setSSLParameters(parameters);
      }
    });
    return new TestRegistry(server, "");
  }

  public String url() {
    return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + server.getAddress().getPort() + prefix;
  }

  /** A client's settings for this registry, quick to give up. */
  public Map<String, Object> config() {
    return new HashMap<>(Map.of(RegistryConfig.URL, url(), RegistryConfig.MAX_RETRIES, 2, RegistryConfig.RETRY_WAIT, 1));
  }

  /** Puts an answer before those that the registry would give. */
  public TestRegistry next(int status, String body) {
    scripted.add(new Answer(status, body));
    return this;
  }

  public List<Request> requests() {
    return requests;
  }

  /** Registers a schema as another client would; returns its id. */
  public synchronized int add(String schema) {
    int known = schemas.indexOf(schema);
    if (known >= 0) {
      return known + 1;
    }
    schemas.add(schema);
    return schemas.size();
  }

  public String schema(int id) {
    return schemas.get(id - 1);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().toString();
    requests.add(new Request(exchange.getRequestMethod(), path, exchange.getRequestHeaders().getFirst("Authorization"),
        exchange.getRequestHeaders().getFirst("Content-Type"), body));
    Answer answer = scripted.poll();
    if (answer == null) {
      answer = path.startsWith(prefix) ? answer(path.substring(prefix.length()), body) : new Answer(404, "<html>nothing here</html>");
    }
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private Answer answer(String path, String body) throws IOException {
    if (path.startsWith("/schemas/ids/")) {
      int id = Integer.parseInt(path.substring("/schemas/ids/".length()));
      return id < 1 || id > schemas.size()
          ? new Answer(404, "{\"error_code\":40403,\"message\":\"Schema " + id + " not found\"}")
          : new Answer(200, JSON.writeValueAsString(Map.of("schema", schemas.get(id - 1))));
    }
    if (path.matches("/subjects/[^/]+/versions")) {
      return new Answer(200, "{\"id\":" + add(JSON.readTree(body).path("schema").asText()) + "}");
    }
    return new Answer(404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}");
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
