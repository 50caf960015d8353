package io.accrete.streams.topology;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** As much of a schema registry as one topology asks: register, and fetch by id. */
final class TinyRegistry implements AutoCloseable {
  private static final Pattern BY_ID = Pattern.compile("/schemas/ids/(-?\\d+).*");

  private final HttpServer server;
  private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());

  TinyRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Matcher byId = BY_ID.matcher(exchange.getRequestURI().toString());
    if (!byId.matches()) {
      bodies.add(body); // {"schema": ...}, which is also the answer to a fetch
      send(exchange, 200, "{\"id\": " + bodies.size() + "}");
      return;
    }
    int id = Integer.parseInt(byId.group(1));
    boolean known = id >= 1 && id <= bodies.size();
    send(exchange, known ? 200 : 404, known ? bodies.get(id - 1) : "{\"error_code\": 40403, \"message\": \"Schema not found\"}");
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
