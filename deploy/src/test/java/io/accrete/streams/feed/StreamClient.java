package io.accrete.streams.feed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client of server-sent events that does what the standard asks of browsers, and keeps everything. */
final class StreamClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An event; {@code id} is the one to come back with. */
  record Event(String id, String type, JsonNode data) {
    String object() {
      return data.path("objectId").asText();
    }

    @Override
    public String toString() {
      return switch (type) {
        case "space" -> data.path("modelVersion").asText() + (data.path("reset").asBoolean() ? " reset" : " goes on");
        case "embedding" -> object() + "=" + data.path("sequence").asLong();
        case "gone" -> object() + " gone";
        default -> type;
      };
    }
  }

  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::read, "client");
  private final InputStream body;
  private volatile String lastId;
  private volatile boolean ended;

  private StreamClient(InputStream body, String lastId) {
    this.body = body;
    this.lastId = lastId;
  }

  /** @param after null: none */
  static HttpResponse<InputStream> ask(HttpClient http, URI url, String query, String after) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve("/v1/embeddings/stream" + query)).header("Accept-Encoding", "gzip");
    if (after != null) {
      request.header("Last-Event-ID", after);
    }
    return http.send(request.build(), BodyHandlers.ofInputStream());
  }

  static StreamClient open(HttpClient http, URI url, String query, String after) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = ask(http, url, query, after);
    if (response.statusCode() != 200 || response.headers().firstValue("Content-Encoding").isPresent()
        || !response.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream")) {
      throw new AssertionError(response + " " + response.headers().map() + " "
          + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
    }
    return of(response.body(), after);
  }

  /** Reads what lies behind the headers. */
  static StreamClient of(InputStream body, String after) {
    StreamClient client = new StreamClient(body, after);
    client.thread.setDaemon(true);
    client.thread.start();
    return client;
  }

  private void read() {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      String id = lastId;
      String type = "message";
      String data = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) {
          lastId = id;
          if (data != null) {
            events.add(new Event(id, type, JSON.readTree(data)));
          }
          type = "message";
          data = null;
        } else if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          type = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data = line.substring(6);
        }
      }
    } catch (IOException e) {
      // the connection ended
    } finally {
      ended = true;
    }
  }

  List<Event> events() {
    return events;
  }

  /** The events, a line each. */
  List<String> lines() {
    return events.stream().map(Event::toString).toList();
  }

  long updates() {
    return events.stream().filter(event -> event.type().equals("embedding") || event.type().equals("gone")).count();
  }

  boolean has(String line) {
    return lines().contains(line);
  }

  String lastId() {
    return lastId;
  }

  boolean ended() {
    return ended;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    body.close();
    thread.join();
  }
}
