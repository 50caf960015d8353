package io.accrete.streams.similarity;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.streams.http.Json;
import io.accrete.streams.http.Peer;
import io.accrete.streams.http.PeerClient;
import io.accrete.streams.http.Peers;
import io.accrete.streams.http.ProblemException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What all instances have found together; an answer only if every partition was searched. */
final class Gathering {
  private final Peers peers;

  Gathering(Peers peers) {
    this.peers = peers;
  }

  private record Answer<T>(Found<T> found, String failure) {}

  /**
   * Adds what the others find, in no order.
   *
   * @param own what this instance has found
   * @param ask asks another instance
   * @param read understands its answer
   * @return fails with 503 if a partition was searched by nobody
   */
  <T> CompletableFuture<Found<T>> all(Found<T> own, Function<Peer, CompletableFuture<HttpResponse<byte[]>>> ask,
      Function<JsonNode, List<T>> read) {
    if (missing(own.partitions()).isEmpty()) {
      return CompletableFuture.completedFuture(own);
    }
    List<CompletableFuture<Answer<T>>> others = peers.others().stream().filter(peer -> !peer.partitions().isEmpty())
        .map(peer -> ask.apply(peer).handle((response, failure) -> failure == null ? answer(peer, response, read)
            : new Answer<T>(null, PeerClient.reason(failure)))).toList();
    return CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)).thenApply(done -> {
      List<Answer<T>> answers = new ArrayList<>(List.of(new Answer<>(own, null)));
      others.forEach(other -> answers.add(other.join()));
      return together(answers);
    });
  }

  private static <T> Answer<T> answer(Peer peer, HttpResponse<byte[]> response, Function<JsonNode, List<T>> read) {
    try {
      JsonNode json = Json.parse(response.body());
      if (response.statusCode() != 200) {
        return new Answer<>(null, "Instance " + peer.address() + " says: " + json.path("detail").asText("nothing"));
      }
      SortedSet<Integer> partitions = new TreeSet<>();
      json.path("partitions").forEach(partition -> partitions.add(partition.intValue()));
      return new Answer<>(new Found<>(read.apply(json), json.path("total").longValue(), partitions), null);
    } catch (RuntimeException e) {
      return new Answer<>(null, "Instance " + peer.address() + " gave an answer that is not understood: is it of another release?");
    }
  }

  private <T> Found<T> together(List<Answer<T>> answers) {
    List<T> found = new ArrayList<>();
    long total = 0;
    SortedSet<Integer> partitions = new TreeSet<>();
    for (Answer<T> answer : answers) {
      if (answer.found != null) {
        found.addAll(answer.found.found());
        total += answer.found.total();
        partitions.addAll(answer.found.partitions());
      }
    }
    SortedSet<Integer> missing = missing(partitions);
    if (!missing.isEmpty()) {
      List<String> failures = answers.stream().map(Answer::failure).filter(failure -> failure != null).toList();
      throw ProblemException.unavailable("Nobody searches partitions " + missing + " now: they are being moved or restored, which takes "
          + "seconds; try again." + (failures.isEmpty() ? "" : " " + String.join(" ", failures)));
    }
    return new Found<>(found, total, partitions);
  }

  private SortedSet<Integer> missing(SortedSet<Integer> partitions) {
    SortedSet<Integer> missing = new TreeSet<>();
    for (int partition = 0; partition < peers.partitions(); partition++) {
      if (!partitions.contains(partition)) {
        missing.add(partition);
      }
    }
    return missing;
  }
}
