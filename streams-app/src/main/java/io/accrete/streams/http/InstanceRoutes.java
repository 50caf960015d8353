package io.accrete.streams.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The instances of the application, each asked how it fares. */
public final class InstanceRoutes implements Routes {
  private static final String PATH = "/v1/instances";
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Supplier<InstanceStats> stats;
  private final Peers peers;
  private final PeerClient client;

  public InstanceRoutes(Supplier<InstanceStats> stats, Peers peers, PeerClient client) {
    this.stats = stats;
    this.peers = peers;
    this.client = client;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get(PATH, this::instances);
  }

  private void instances(Context context) {
    JsonNode self = self(context);
    if (PeerClient.isLocalOnly(context)) {
      send(context, List.of(self));
      return;
    }
    List<CompletableFuture<JsonNode>> others = peers.others().stream().map(peer -> client.get(context, peer, PATH, PATIENCE)
        .handle((answer, failure) -> failure == null && answer.statusCode() == 200 ? answered(peer, answer) : unreachable(peer))).toList();
    context.future(() -> CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)).handle((done, failure) -> {
      send(context, Stream.concat(Stream.of(self), others.stream().map(CompletableFuture::join)).toList());
      return null;
    }));
  }

  private static void send(Context context, List<JsonNode> instances) {
    ObjectNode json = Json.object();
    json.putArray("instances").addAll(instances);
    Json.send(context, json);
  }

  private JsonNode self(Context context) {
    Peer self = peers.self();
    String address = self.address().isEmpty() ? context.host() : self.address(); // without one of its own it is what it was called
    ObjectNode json = Json.object().put("address", address).put("self", true).put("reachable", true);
    json.set("partitions", partitions(self));
    json.set("stats", Json.stats(stats.get()));
    return json;
  }

  private static ArrayNode partitions(Peer peer) {
    ArrayNode json = Json.array();
    peer.partitions().stream().sorted().forEach(json::add);
    return json;
  }

  private static JsonNode answered(Peer peer, HttpResponse<byte[]> answer) {
    try {
      JsonNode itself = Json.parse(answer.body()).at("/instances/0");
      if (itself instanceof ObjectNode json && json.has("stats")) {
        return json.put("address", peer.address()).put("self", false);
      }
    } catch (ProblemException somebodyElse) {
      // told below
    }
    return unreachable(peer);
  }

  private static JsonNode unreachable(Peer peer) {
    ObjectNode json = Json.object().put("address", peer.address()).put("self", false).put("reachable", false);
    json.set("partitions", partitions(peer));
    return json;
  }
}
