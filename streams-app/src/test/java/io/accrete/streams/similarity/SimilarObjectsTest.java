package io.accrete.streams.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.accrete.state.ObjectState;
import io.accrete.streams.store.ObjectChanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class SimilarObjectsTest {
  private static final String V1 = "v1";
  private static final String V2 = "v2";
  private static final int DIMENSION = 256;
  private static final int K = 10;

  private final Map<Integer, Map<String, ObjectState>> stores = new ConcurrentHashMap<>();
  private final AtomicBoolean readable = new AtomicBoolean(true);
  private volatile Set<String> live = Set.of(V1);
  private SimilarObjects similar = new SimilarObjects(true, Long.MAX_VALUE, () -> live, this::stored);

  @AfterEach
  void close() {
    similar.close();
  }

  private Optional<KeyValueIterator<String, ObjectState>> stored(int partition) {
    return readable.get() ? Optional.of(new Scan(new TreeMap<>(stores.getOrDefault(partition, Map.of())))) : Optional.empty();
  }

  @Test
  void shouldFindTheNearestWhileObjectsChangeAndGo() throws Exception {
    int objects = 10_000;
    Clusters clusters = new Clusters(1, DIMENSION);
    ObjectChanges.Partition partition = similar.opened(0);
    for (int i = 0; i < objects; i++) {
      partition.changed(id(i), Clusters.object(1, Map.of(), Map.of(V1, clusters.embedding())));
    }
    await(() -> similar.pending() == 0 && searched().contains(0));
    Set<String> dead = ConcurrentHashMap.newKeySet();
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    var executor = Executors.newSingleThreadExecutor();
    Future<?> changes = executor.submit(() -> {
      Clusters others = new Clusters(1, DIMENSION);
      Random random = new Random(2);
      for (int sequence = 2; !done.get(); sequence++) {
        int number = random.nextInt(objects);
        if (random.nextInt(4) == 0) {
          partition.gone(id(number));
          dead.add(id(number));
        } else if (!dead.contains(id(number))) { // who is gone stays so, that it can be told
          partition.changed(id(number), Clusters.object(sequence, Map.of(), Map.of(V1, others.embedding())));
        }
        begun.countDown();
        LockSupport.parkNanos(500_000);
      }
    });
    begun.await();
    int queries = 60;
    int hits = 0;
    int expected = 0;
    for (int i = 0; i < queries; i++) {
      float[] query = clusters.embedding();
      Set<String> goneBefore = Set.copyOf(dead);
      Set<String> exactBefore = exact(query);
      List<String> found = ids(similar.nearest(search(query, K)));
      Set<String> exactAfter = exact(query);
      assertThat(found).hasSize(K).doesNotHaveDuplicates().noneMatch(goneBefore::contains);
      exactBefore.retainAll(exactAfter); // what was right all the while
      expected += exactBefore.size();
      exactBefore.retainAll(found);
      hits += exactBefore.size();
    }
    done.set(true);
    changes.get();
    executor.shutdown();
    assertThat(dead).isNotEmpty();
    assertThat(expected).isGreaterThan(queries * K * 9 / 10);
    assertThat((double) hits / expected).as("recall@10 while objects change").isGreaterThanOrEqualTo(0.98);

    await(() -> similar.pending() == 0); // and by the graph alone
    Set<String> gone = Set.copyOf(dead);
    hits = 0;
    for (int i = 0; i < queries; i++) {
      float[] query = clusters.embedding();
      List<String> found = ids(similar.nearest(search(query, K)));
      assertThat(found).hasSize(K).noneMatch(gone::contains);
      Set<String> exact = exact(query);
      exact.retainAll(found);
      hits += exact.size();
    }
    assertThat((double) hits / (queries * K)).as("recall@10 at rest").isGreaterThanOrEqualTo(0.98);
  }

  @Test
  void shouldFindTheNearestWhenEveryObjectHasChangedManyTimes() {
    int objects = 2100;
    Clusters clusters = new Clusters(3, 32);
    ObjectChanges.Partition partition = similar.opened(0);
    for (int round = 1; round <= 4; round++) { // nodes are taken out in between
      for (int i = 0; i < objects; i++) {
        partition.changed(id(i), Clusters.object(round, Map.of(), Map.of(V1, clusters.embedding())));
      }
      await(() -> similar.pending() == 0);
    }
    for (int i = 0; i < 300; i++) {
      partition.gone(id(i));
    }
    await(() -> similar.pending() == 0);
    int hits = 0;
    for (int i = 0; i < 200; i++) {
      float[] query = clusters.embedding();
      Set<String> exact = exact(query);
      exact.retainAll(ids(similar.nearest(search(query, K))));
      hits += exact.size();
    }
    assertThat(hits / 2000.0).isGreaterThanOrEqualTo(0.98);
    assertThat(similar.objects()).isEqualTo(objects - 300);
  }

  @Test
  void shouldBeAfterARestartWhatItWasBefore() {
    Clusters clusters = new Clusters(4, 16);
    for (int i = 0; i < 2400; i++) {
      store(i % 2).put(id(i), Clusters.object(i, Map.of("even", Boolean.toString(i % 4 < 2)), Map.of(V1, clusters.embedding())));
    }
    float[] query = clusters.embedding();
    List<ObjectChanges.Partition> opened = List.of(similar.opened(0), similar.opened(1));
    await(() -> searched().equals(Set.of(0, 1)) && similar.pending() == 0);
    List<Neighbour> before = similar.nearest(search(query, 20)).found();
    List<ObjectSummary> latest = similar.latest(5, Filters.NONE).found();
    assertThat(latest).extracting(ObjectSummary::objectId).containsExactly(id(2399), id(2398), id(2397), id(2396), id(2395));
    opened.forEach(ObjectChanges.Partition::close);
    assertThat(similar.nearest(search(query, 20))).isEqualTo(new Found<>(List.of(), 0, Collections.emptySortedSet()));
    similar.close();

    similar = new SimilarObjects(true, Long.MAX_VALUE, () -> live, this::stored);
    similar.opened(0);
    similar.opened(1);
    await(() -> searched().equals(Set.of(0, 1)) && similar.pending() == 0);
    assertThat(similar.nearest(search(query, 20)).found()).isEqualTo(before);
    assertThat(similar.latest(5, Filters.NONE).found()).isEqualTo(latest);
    assertThat(similar.objects()).isEqualTo(2400);
  }

  @Test
  void shouldNotBringBackWhatChangedWhileTheStoreWasNotRead() {
    readable.set(false);
    Clusters clusters = new Clusters(5, 8);
    for (int i = 0; i < 10; i++) {
      store(0).put(id(i), Clusters.object(1, Map.of(), Map.of(V1, clusters.embedding())));
    }
    ObjectChanges.Partition partition = similar.opened(0);
    partition.gone(id(0));
    partition.changed(id(1), Clusters.object(7, Map.of(), Map.of(V1, clusters.embedding())));
    partition.changed(id(2), Clusters.object(8, Map.of(), Map.of(V1, clusters.embedding())));
    partition.gone(id(2));
    assertThat(similar.latest(100, Filters.NONE)).isEqualTo(new Found<>(List.of(), 0, Collections.emptySortedSet())); // not a part of it

    readable.set(true);
    await(() -> searched().contains(0));
    assertThat(similar.latest(100, Filters.NONE).found()).hasSize(8).extracting(ObjectSummary::objectId).startsWith(id(1))
        .doesNotContain(id(0), id(2));
    assertThat(similar.latest(1, Filters.NONE).found()).extracting(ObjectSummary::sequence).containsExactly(7L);
  }

  @Test
  void shouldReadAStoreAgainThatWasClosedMeanwhile() {
    similar.close();
    AtomicBoolean failed = new AtomicBoolean();
    similar = new SimilarObjects(true, Long.MAX_VALUE, () -> live, partition -> {
      if (failed.compareAndSet(false, true)) {
        throw new InvalidStateStoreException("A test's");
      }
      return stored(partition);
    });
    store(0).put("one", Clusters.object(1, Map.of(), Map.of(V1, new float[] {1, 0})));
    similar.opened(0);
    await(() -> searched().contains(0));
    assertThat(similar.latest(10, Filters.NONE).found()).extracting(ObjectSummary::objectId).containsExactly("one");
  }

  @Test
  void shouldGiveUpRatherThanTakeAllMemory() {
    similar.close();
    similar = new SimilarObjects(true, 1_000_000, () -> live, this::stored);
    for (int i = 0; i < 3000; i++) {
      store(0).put(id(i), Clusters.object(1, Map.of(), Map.of(V1, new float[] {1, 0})));
    }
    ObjectChanges.Partition partition = similar.opened(0);
    await(() -> similar.refusal().isPresent());
    assertThat(similar.refusal().get()).contains("1000000", "similarity.max.bytes");
    partition.changed("another", Clusters.object(1, Map.of(), Map.of(V1, new float[] {1, 0})));
    partition.gone(id(1));
    similar.opened(1).changed("one more", Clusters.object(1, Map.of(), Map.of(V1, new float[] {1, 0})));
    await(() -> similar.objects() == 0);
    assertThat(searched()).isEmpty();
  }

  @Test
  void shouldKeepVersionsApart() {
    Clusters ones = new Clusters(6, 32);
    Clusters others = new Clusters(7, 16);
    ObjectChanges.Partition partition = similar.opened(0);
    await(() -> searched().contains(0));
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < 2400; i++) {
      vectors.add(ones.embedding());
      partition.changed(id(i), Clusters.object(1, Map.of(), Map.of(V1, vectors.get(i))));
    }
    await(() -> similar.pending() == 0);
    live = Set.of(V1, V2);
    List<float[]> second = new ArrayList<>();
    for (int i = 0; i < 2100; i++) { // as a sweep folds them
      second.add(others.embedding());
      partition.changed(id(i), Clusters.object(1, Map.of(), Map.of(V1, vectors.get(i), V2, second.get(i))));
    }
    assertThat(ids(similar.nearest(new Search(V2, second.get(7), 1, Filters.NONE, Optional.empty())))).containsExactly(id(7)); // at once
    await(() -> similar.pending() == 0);
    assertThat(ids(similar.nearest(new Search(V1, vectors.get(7), 1, Filters.NONE, Optional.empty())))).containsExactly(id(7));
    assertThat(ids(similar.nearest(new Search(V1, vectors.get(2399), 1, Filters.NONE, Optional.empty())))).containsExactly(id(2399));
    assertThat(ids(similar.nearest(new Search(V2, second.get(7), 1, Filters.NONE, Optional.empty())))).containsExactly(id(7));
    assertThat(ids(similar.nearest(new Search(V2, second.get(7), 100, Filters.NONE, Optional.empty()))))
        .hasSize(100).allMatch(id -> number(id) < 2100);
    assertThatIllegalArgumentException().isThrownBy(() -> similar.nearest(search(second.get(7), K))).withMessageContaining("32")
        .withMessageContaining("16");
    live = Set.of(V2);
    for (int i = 0; i < 2400; i++) {
      partition.changed(id(i), Clusters.object(1, Map.of(), i < 2100 ? Map.of(V2, second.get(i)) : Map.of()));
    }
    assertThat(similar.nearest(new Search(V1, vectors.get(7), 1, Filters.NONE, Optional.empty())).found()).isEmpty();
  }

  @Test
  void shouldFilterAndLeaveOut() {
    Clusters clusters = new Clusters(8, 16);
    ObjectChanges.Partition partition = similar.opened(0);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < 2400; i++) {
      vectors.add(clusters.embedding());
      partition.changed(id(i), Clusters.object(i, Map.of("colour", i % 100 == 0 ? "red" : "blue", "size", i % 2 == 0 ? "a:b" : "s"),
          Map.of(V1, vectors.get(i))));
    }
    await(() -> searched().contains(0) && similar.pending() == 0);
    Filters red = Filters.parse(List.of("colour:red", "size:a:b"));
    assertThat(ids(similar.nearest(new Search(V1, vectors.get(5), 1000, red, Optional.of(id(200))))))
        .hasSize(23).allMatch(id -> number(id) % 100 == 0).doesNotContain(id(200));
    assertThat(ids(similar.nearest(new Search(V1, vectors.get(5), 3, Filters.NONE, Optional.of(id(5)))))).hasSize(3).doesNotContain(id(5));
    assertThat(similar.latest(2, red).found()).extracting(ObjectSummary::objectId).containsExactly(id(2300), id(2200));
    assertThat(similar.latest(2, Filters.parse(List.of("colour:green"))).found()).isEmpty();
    assertThat(similar.latest(2, red).total()).isEqualTo(2400);
    assertThatIllegalArgumentException().isThrownBy(() -> Filters.parse(List.of("red"))).withMessageContaining("attribute:value");
    assertThatIllegalArgumentException().isThrownBy(() -> Filters.parse(List.of(":red")));
  }

  @Test
  void shouldForgetPartitionsThatAreElsewhere() {
    Clusters clusters = new Clusters(9, 16);
    ObjectChanges.Partition first = similar.opened(0);
    ObjectChanges.Partition second = similar.opened(1);
    for (int i = 0; i < 4200; i++) {
      (i % 2 == 0 ? first : second).changed(id(i), Clusters.object(i, Map.of(), Map.of(V1, clusters.embedding())));
    }
    await(() -> searched().equals(Set.of(0, 1)) && similar.pending() == 0);
    float[] query = clusters.embedding();
    first.close();
    assertThat(searched()).containsExactly(1);
    assertThat(ids(similar.nearest(search(query, 50)))).hasSize(50).allMatch(id -> number(id) % 2 == 1);
    await(() -> similar.pending() == 0);
    assertThat(ids(similar.nearest(search(query, 50)))).hasSize(50).allMatch(id -> number(id) % 2 == 1);
    assertThat(similar.objects()).isEqualTo(2100);

    ObjectChanges.Partition again = similar.opened(0);
    first.changed("late", Clusters.object(1, Map.of(), Map.of(V1, query))); // of a task that is over
    await(() -> searched().contains(0));
    assertThat(similar.latest(5000, Filters.NONE).found()).hasSize(2100);
    again.close();
  }

  @Test
  void shouldDrawTheSameSampleWhateverComesBeside() {
    ObjectChanges.Partition partition = similar.opened(0);
    for (int i = 0; i < 500; i++) {
      partition.changed(id(i), Clusters.object(i, Map.of(), Map.of(V1, new float[] {1, 0})));
    }
    await(() -> searched().contains(0));
    List<String> sample = similar.sample(V1, 100).found().stream().map(Sampled::objectId).toList();
    partition.changed("another", Clusters.object(1, Map.of(), Map.of(V1, new float[] {0, 1})));
    List<String> next = similar.sample(V1, 100).found().stream().map(Sampled::objectId).toList();
    assertThat(next).hasSize(100);
    Set<String> both = new HashSet<>(sample);
    both.retainAll(next);
    assertThat(both).hasSizeGreaterThanOrEqualTo(99);
    assertThat(similar.sample(V2, 100).found()).isEmpty();
    assertThat(sample.stream().filter(id -> number(id) < 250).count()).isBetween(25L, 75L); // of all of them
  }

  private Map<String, ObjectState> store(int partition) {
    return stores.computeIfAbsent(partition, any -> new ConcurrentHashMap<>());
  }

  private Set<Integer> searched() {
    return similar.latest(0, Filters.NONE).partitions();
  }

  private static Search search(float[] query, int k) {
    return new Search(V1, query, k, Filters.NONE, Optional.empty());
  }

  /** By comparing with every object, as is done where so many are wanted. */
  private Set<String> exact(float[] query) {
    Search all = new Search(V1, query, (int) similar.objects() / 8, Filters.NONE, Optional.empty());
    return similar.nearest(all).found().stream().limit(K).map(near -> near.object().objectId())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static List<String> ids(Found<Neighbour> found) {
    return found.found().stream().map(near -> near.object().objectId()).toList();
  }

  private static String id(int number) {
    return "object-" + number;
  }

  private static int number(String id) {
    return id.startsWith("object-") ? Integer.parseInt(id.substring("object-".length())) : -1;
  }

  static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(500).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** A store being read. */
  private static final class Scan implements KeyValueIterator<String, ObjectState> {
    private final java.util.Iterator<Map.Entry<String, ObjectState>> entries;

    Scan(Map<String, ObjectState> store) {
      entries = store.entrySet().iterator();
    }

    @Override
    public boolean hasNext() {
      return entries.hasNext();
    }

    @Override
    public KeyValue<String, ObjectState> next() {
      Map.Entry<String, ObjectState> next = entries.next();
      return KeyValue.pair(next.getKey(), next.getValue());
    }

    @Override
    public String peekNextKey() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
