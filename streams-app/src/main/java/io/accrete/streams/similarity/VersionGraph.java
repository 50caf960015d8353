package io.accrete.streams.similarity;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The graph of the embeddings of one version. An object that changes gets another node, and its old one is only marked, until there are as
 * many marked nodes as others. One thread changes it, many search.
 */
final class VersionGraph {
  private static final VectorSimilarityFunction SIMILARITY = VectorSimilarityFunction.DOT_PRODUCT;
  private static final int DEGREE = 16;
  private static final int BUILD_BEAM = 64;
  private static final float OVERFLOW = 1.2f;
  private static final float ALPHA = 1.2f;
  private static final int SEARCH_BEAM = 100;
  private static final int FEW_DELETED = 1000;

  /** Both in one, since they are begun together when the first embedding tells the dimension, and anew when all are gone. */
  private record Graph(GraphNodes nodes, GraphIndexBuilder builder) {}

  private final String version;
  private final ForkJoinPool cleaner;
  private final ReadWriteLock lock = new ReentrantReadWriteLock(); // to be written: nodes are taken out
  private final Map<Slot, Integer> numbers = new IdentityHashMap<>();
  private final Set<Integer> deleted = new HashSet<>();
  private volatile Graph graph; // null: empty

  /**
   * Empty at first.
   *
   * @param cleaner in which nodes are taken out
   */
  VersionGraph(String version, ForkJoinPool cleaner) {
    this.version = version;
    this.cleaner = cleaner;
  }

  String version() {
    return version;
  }

  /** Takes up what an object is now. */
  void put(Slot slot) {
    float[] now = slot.embedding(version);
    Integer old = numbers.get(slot);
    if (now != null && old != null && Arrays.equals(now, graph.nodes.get(old).embedding())) {
      graph.nodes.replace(old, now);
      return;
    }
    if (now != null) {
      if (graph == null) {
        graph = begin(now.length);
      }
      int number = graph.nodes.add(slot, now);
      graph.builder.addGraphNode(number, graph.nodes.getVector(number));
      numbers.put(slot, number);
    } else {
      numbers.remove(slot);
    }
    if (old != null) {
      graph.builder.markNodeDeleted(old);
      deleted.add(old);
      if (deleted.size() > Math.max(FEW_DELETED, numbers.size())) {
        clean();
      }
    }
  }

  /**
   * Without layers, by which JVector 4.0.2 loses much of what is inserted after deletions (recall .54 of 1). What it recommends instead of
   * this constructor always has them.
   */
  @SuppressWarnings("deprecation")
  private Graph begin(int dimension) {
    GraphNodes nodes = new GraphNodes(dimension);
    return new Graph(nodes, new GraphIndexBuilder(BuildScoreProvider.randomAccessScoreProvider(nodes, SIMILARITY), dimension, DEGREE,
        BUILD_BEAM, OVERFLOW, ALPHA, false, false, cleaner, cleaner));
  }

  private void clean() {
    lock.writeLock().lock();
    try {
      if (numbers.isEmpty()) {
        graph = null;
      } else {
        graph.builder.removeDeletedNodes();
        deleted.forEach(graph.nodes::remove);
      }
      deleted.clear();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * The objects nearest to a vector, about, in no order. Some of them may be gone, or elsewhere by now: whoever has them changed tells.
   *
   * @return empty: the graph cannot be searched now
   */
  Optional<List<Slot>> nearest(float[] vector, int k) {
    if (!lock.readLock().tryLock()) {
      return Optional.empty();
    }
    Graph searched = graph;
    try {
      return searched == null ? Optional.of(List.of()) : Optional.of(nearest(searched, vector, k));
    } finally {
      lock.readLock().unlock();
    }
  }

  private List<Slot> nearest(Graph searched, float[] vector, int k) {
    GraphNodes nodes = searched.nodes;
    if (vector.length != nodes.dimension()) {
      throw new IllegalArgumentException("Expected a vector of " + nodes.dimension() + " numbers, found " + vector.length + ".");
    }
    try (GraphSearcher searcher = new GraphSearcher(searched.builder.getGraph())) {
      SearchResult found = searcher.search(DefaultSearchScoreProvider.exact(GraphNodes.vector(vector), SIMILARITY, nodes), k,
          Math.max(SEARCH_BEAM, 2 * k), 0f, 0f, number -> isCurrent(nodes.get(number)));
      List<Slot> slots = new ArrayList<>();
      for (SearchResult.NodeScore node : found.getNodes()) {
        slots.add(nodes.get(node.node).slot());
      }
      return slots;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An object that is elsewhere by now takes no place of another's. */
  private boolean isCurrent(GraphNodes.Node node) {
    return node.slot().embedding(version) == node.embedding();
  }
}
