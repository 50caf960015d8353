package io.accrete.subscriber;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.Serializer;

/** Topics as lists, with something that happens before each poll. When nothing more happens and all is read, {@code idle} runs. */
final class TopicsInMemory implements TopicReader {
  static final int PARTITIONS = 2;
  private static final int IDLE_POLLS = 5; // the subscription may still have to do what it could not do at once

  /** A topic; a null stands for a record that is not for readers: aborted, compacted away, or a transaction's end. */
  private record Log(String id, int[] beginnings, List<List<ConsumerRecord<String, byte[]>>> partitions) {}

  private final Map<String, Log> logs = new HashMap<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Deque<Runnable> script = new ArrayDeque<>();
  private final Topics topics;
  private final Serializer<ObjectEmbedding> embeddings;
  private final Serializer<RolloutEvent> rollouts;
  private Runnable idle = () -> { };
  private Random order = new Random(1);
  private int most = Integer.MAX_VALUE;
  private int failures;
  private int empty;

  TopicsInMemory(AccreteConfig config) {
    topics = new Topics(config);
    embeddings = AvroSerdes.serializer(config);
    rollouts = AvroSerdes.serializer(config);
    clear();
  }

  /** Nothing but the topic of rollouts, with nothing in it. */
  void clear() {
    logs.clear();
    script.clear();
    positions.clear();
    failures = 0;
    createRollouts();
  }

  /** Something that happens before a poll to come; one for each poll. */
  TopicsInMemory then(Runnable step) {
    script.add(step);
    return this;
  }

  void whenIdle(Runnable step) {
    idle = step;
  }

  /** A poll brings so many records at most, of the partitions in any order. */
  void most(int records, Random order) {
    this.most = records;
    this.order = order;
  }

  /** So many calls will find no broker. */
  void fail(int calls) {
    failures = calls;
  }

  void create(String version) {
    create(topics.embeddings(version), PARTITIONS);
  }

  private void create(String topic, int partitions) {
    Log log = new Log(Uuid.randomUuid().toString(), new int[partitions], new ArrayList<>());
    for (int i = 0; i < partitions; i++) {
      log.partitions().add(new ArrayList<>());
    }
    logs.put(topic, log);
  }

  void delete(String version) {
    logs.remove(topics.embeddings(version));
  }

  void createRollouts() {
    create(topics.modelRollouts(), 1);
  }

  String id(String version) {
    return logs.get(topics.embeddings(version)).id();
  }

  /** Deletes all records of a partition, as an administrator may. */
  void deleteRecords(String version, int partition) {
    Log log = logs.get(topics.embeddings(version));
    log.beginnings()[partition] = log.partitions().get(partition).size();
  }

  /** @param imageId tells the record in the tests; null: the object is gone */
  void write(String version, int partition, String objectId, String imageId) {
    String topic = topics.embeddings(version);
    writeRaw(version, partition, objectId, imageId == null ? null : embeddings.serialize(topic, embedding(version, imageId)));
  }

  void writeRaw(String version, int partition, String key, byte[] value) {
    append(topics.embeddings(version), partition, key, value);
  }

  void writeOf(String otherVersion, String version, int partition, String objectId) {
    writeRaw(version, partition, objectId, embeddings.serialize(topics.embeddings(version), embedding(otherVersion, "mixed")));
  }

  /** A record that is not for readers. */
  void writeHole(String version, int partition) {
    logs.get(topics.embeddings(version)).partitions().get(partition).add(null);
  }

  void rollout(String version, RolloutState state) {
    RolloutEvent event = RolloutEvent.newBuilder().setModelVersion(version).setState(state).setAt(Instant.EPOCH).build();
    rolloutRaw(version, rollouts.serialize(topics.modelRollouts(), event));
  }

  void rolloutRaw(String key, byte[] value) {
    append(topics.modelRollouts(), 0, key, value);
  }

  void flip(String from, String to) {
    rollout(from, RolloutState.DRAINING);
    rollout(to, RolloutState.ACTIVE);
    logs.get(topics.modelRollouts()).partitions().get(0).add(null);
  }

  private void append(String topic, int partition, String key, byte[] value) {
    List<ConsumerRecord<String, byte[]>> log = logs.get(topic).partitions().get(partition);
    log.add(new ConsumerRecord<>(topic, partition, log.size(), key, value));
  }

  private static ObjectEmbedding embedding(String version, String imageId) {
    return ObjectEmbedding.newBuilder().setVector(List.of(1f)).setModelVersion(version).setImageCount(1).setLastImageId(imageId)
        .setSequence(1).setSourcePartition(0).setSourceOffset(0).setUpdatedAt(Instant.EPOCH).build();
  }

  @Override
  public Optional<Extent> find(String topic) {
    if (failures > 0) {
      failures--;
      throw new UnavailableException("a broker", "none answers", null);
    }
    Log log = logs.get(topic);
    if (log == null) {
      return Optional.empty();
    }
    Map<TopicPartition, Long> beginnings = new HashMap<>();
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (int i = 0; i < log.partitions().size(); i++) {
      beginnings.put(new TopicPartition(topic, i), (long) log.beginnings()[i]);
      ends.put(new TopicPartition(topic, i), (long) log.partitions().get(i).size());
    }
    return Optional.of(new Extent(log.id(), beginnings, ends, ends));
  }

  @Override
  public void read(Map<TopicPartition, Long> offsets) {
    positions.clear();
    positions.putAll(offsets);
  }

  @Override
  public Batch poll(Duration wait) {
    boolean nothingHappens = script.isEmpty();
    if (!nothingHappens) {
      script.remove().run();
    }
    Set<TopicPartition> lost = new HashSet<>();
    positions.forEach((partition, position) -> {
      Log log = logs.get(partition.topic());
      if (log != null && (position < log.beginnings()[partition.partition()]
          || position > log.partitions().get(partition.partition()).size())) {
        lost.add(partition);
      }
    });
    if (!lost.isEmpty()) {
      return new Batch(List.of(), Map.of(), lost);
    }
    Batch batch = next();
    empty = nothingHappens && batch.positions().isEmpty() ? empty + 1 : 0;
    if (empty == IDLE_POLLS) {
      empty = 0;
      idle.run();
    }
    return batch;
  }

  private Batch next() {
    List<TopicPartition> partitions = new ArrayList<>(positions.keySet());
    Collections.shuffle(partitions, order);
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    Map<TopicPartition, Long> moved = new HashMap<>();
    for (TopicPartition partition : partitions) {
      Log log = logs.get(partition.topic());
      long position = positions.get(partition);
      while (log != null && position < log.partitions().get(partition.partition()).size()) {
        ConsumerRecord<String, byte[]> record = log.partitions().get(partition.partition()).get((int) position);
        if (record != null && records.size() == most) {
          break;
        }
        if (record != null) {
          records.add(record);
        }
        moved.put(partition, ++position);
      }
    }
    positions.putAll(moved);
    return new Batch(records, moved, Set.of());
  }

  @Override
  public void wakeUp() {
    // Nothing waits.
  }

  @Override
  public void close() {
    embeddings.close();
    rollouts.close();
  }
}
