package io.accrete.bench;

import io.accrete.events.ObjectEmbedding;
import io.accrete.subscriber.EmbeddingListener;
import io.accrete.subscriber.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What a service that subscribes holds, and whether it ever was what it must not be. */
final class SubscribedSpace implements EmbeddingListener {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<String> visited = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<String, ObjectEmbedding> embeddings = new HashMap<>();
  private final Set<String> before = new HashSet<>(); // objects that the last space had
  private int mixed;

  @Override
  public synchronized void onSpace(String modelVersion, boolean reset) {
    visited.add(modelVersion);
    before.clear();
    before.addAll(embeddings.keySet());
    embeddings.clear();
  }

  @Override
  public synchronized void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
    if (!embedding.getModelVersion().equals(visited.get(visited.size() - 1))) {
      mixed++;
    }
    embeddings.put(objectId, embedding);
    notifyAll();
  }

  @Override
  public synchronized void onGone(String objectId, Position position) {
    embeddings.remove(objectId);
  }

  /** The new space must be complete at once: whatever the old one had is in it. */
  @Override
  public synchronized void onCaughtUp() {
    Set<String> missing = new HashSet<>(before);
    missing.removeAll(embeddings.keySet());
    if (!missing.isEmpty()) {
      problems.add("A subscriber missed %,d of %,d objects when %s began to be served.".formatted(missing.size(), before.size(),
          visited.get(visited.size() - 1)));
    }
  }

  /** Waits until it holds exactly this, in the space of that version; if that does not come about, it is a problem. */
  synchronized void check(String version, Map<String, ObjectEmbedding> expected, CompletableFuture<Void> subscription)
      throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (visited.isEmpty() || !visited.get(visited.size() - 1).equals(version) || !embeddings.equals(expected)) {
      if (subscription.isDone()) {
        subscription.join();
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        long right = expected.entrySet().stream().filter(each -> each.getValue().equals(embeddings.get(each.getKey()))).count();
        problems.add("A subscriber is in the spaces %s and holds %,d of %,d embeddings of %s.".formatted(visited, right, expected.size(),
            version));
        return;
      }
      wait(Math.max(1, left / 1_000_000));
    }
  }

  synchronized List<String> visited() {
    return List.copyOf(visited);
  }

  /** What was wrong; the spaces must have been these. */
  synchronized List<String> problems(List<String> spaces) {
    List<String> all = new ArrayList<>(problems);
    if (mixed > 0) {
      all.add("A subscriber was delivered %,d embeddings of another space than it was told.".formatted(mixed));
    }
    if (!visited.equals(spaces)) {
      all.add("A subscriber was in the spaces " + visited + ", expected " + spaces + ".");
    }
    return all;
  }
}
