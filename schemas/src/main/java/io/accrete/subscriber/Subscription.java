package io.accrete.subscriber;

import io.accrete.subscriber.RecordReader.Update;
import io.accrete.subscriber.TopicReader.Batch;
import io.accrete.subscriber.TopicReader.Extent;
import io.accrete.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules of a subscription. In every batch the pointer comes first; when it has moved, the rest of the batch is of the old space and is
 * dropped, so nothing of a space can follow the call that ends it.
 */
final class Subscription {
  private static final Logger log = LoggerFactory.getLogger(Subscription.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int QUIET_POLLS = 10; // then one looks whether there is still something to read from

  /** One topic of one version: a topic made anew is another space, as what was delivered need not be in it. */
  private record Space(String modelVersion, String topicId) {}

  private final Topics topics;
  private final TopicReader reader;
  private final RecordReader records;
  private final EmbeddingListener listener;
  private final Patience patience;
  private final boolean atEnd;
  private final TopicPartition rollouts;
  private final ActiveVersion pointer = new ActiveVersion();
  private final Map<TopicPartition, Long> next = new HashMap<>(); // everything that is read, and where it goes on
  private List<Position> kept; // for the first space
  private long rolloutsEnd; // at the start: what comes before is history, and no flip
  private Space space; // null: none yet
  private Map<TopicPartition, Long> ends = Map.of(); // of the space, when it was begun
  private boolean caughtUp;
  private boolean doubtful; // whether the topic of the space has to be looked at
  private int quiet;
  private boolean toldThatNoneIsActive;

  Subscription(Topics topics, TopicReader reader, RecordReader records, EmbeddingListener listener, Start start, Patience patience) {
    this.topics = topics;
    this.reader = reader;
    this.records = records;
    this.listener = listener;
    this.patience = patience;
    this.atEnd = start.atEnd();
    this.kept = start.positions();
    this.rollouts = new TopicPartition(topics.modelRollouts(), 0);
  }

  /** Reads until it is stopped. */
  void run() {
    while (!patience.stopped()) {
      try {
        step();
      } catch (UnavailableException e) {
        patience.rest(e);
        doubtful = true;
        reader.read(next); // a batch may have been dropped
      }
    }
  }

  private void step() {
    if (next.isEmpty()) {
      openRollouts();
    }
    Batch batch = reader.poll(POLL);
    if (batch.lost().contains(rollouts)) {
      log.warn("Topic '{}' has lost records or was made anew; it is read again", rollouts.topic());
      next.clear();
      space = null;
      return;
    }
    movePointer(batch);
    if (next.get(rollouts) < rolloutsEnd) {
      return;
    }
    if (!follow(!batch.lost().isEmpty())) {
      deliver(batch);
    }
    tellCaughtUp();
    if (space != null && !patience.stopped()) {
      listener.onPause();
    }
    patience.over();
    quiet = batch.records().isEmpty() ? quiet + 1 : 0;
    doubtful = quiet > 0 && quiet % QUIET_POLLS == 0;
  }

  private void openRollouts() {
    Extent found = found(rollouts.topic());
    if (found.ends().size() != 1) {
      throw new SubscriberException("Topic '" + rollouts.topic() + "' has " + found.ends().size()
          + " partitions; expected 1. Delete it and create it again, or configure another name.", null);
    }
    rolloutsEnd = found.ends().get(rollouts);
    next.putAll(found.beginnings());
    reader.read(next);
  }

  private Extent found(String topic) {
    return reader.find(topic).orElseThrow(() -> new UnavailableException("topic '" + topic + "'",
        "it does not exist. The streams application creates it.", null));
  }

  private void movePointer(Batch batch) {
    for (ConsumerRecord<String, byte[]> record : batch.records()) {
      if (isRollout(record)) {
        records.rollout(record).ifPresent(rollout -> {
          pointer.apply(rollout.modelVersion(), rollout.state());
          doubtful = true; // the same version may have come back with another topic
        });
      }
    }
    Long position = batch.positions().get(rollouts);
    if (position != null) {
      next.put(rollouts, position);
    }
  }

  private boolean isRollout(ConsumerRecord<String, byte[]> record) {
    return record.topic().equals(rollouts.topic());
  }

  /** Begins the space of the ACTIVE version if another one is read, or its place is lost; whether it did. */
  private boolean follow(boolean lost) {
    String active = pointer.version();
    if (active == null) {
      if (!toldThatNoneIsActive) {
        log.info("No model version is ACTIVE yet. Waiting for one in topic '{}'", rollouts.topic());
        toldThatNoneIsActive = true;
      }
      doubtful = false;
      return false;
    }
    if (space != null && space.modelVersion().equals(active) && !doubtful && !lost) {
      return false;
    }
    Extent found = found(topics.embeddings(active));
    doubtful = false;
    Space current = new Space(active, found.topicId());
    if (current.equals(space) && !lost) {
      return false;
    }
    begin(current, found);
    return true;
  }

  private void begin(Space current, Extent found) {
    Map<TopicPartition, Long> resumed = resumed(current, found);
    kept = List.of();
    space = current;
    next.keySet().retainAll(Set.of(rollouts));
    next.putAll(atEnd ? found.decided() : found.beginnings());
    next.putAll(resumed);
    ends = found.ends();
    caughtUp = false;
    reader.read(next);
    log.info("Reading the embeddings of model version '{}' from {}", space.modelVersion(),
        atEnd ? "now on" : resumed.isEmpty() ? "their beginning" : "where they were left");
    listener.onSpace(space.modelVersion(), resumed.isEmpty());
    listener.onProgress(positions(next));
  }

  /** Those of the space. */
  private List<Position> positions(Map<TopicPartition, Long> offsets) {
    return offsets.entrySet().stream().filter(offset -> !offset.getKey().equals(rollouts))
        .map(offset -> new Position(space.modelVersion(), space.topicId(), offset.getKey().partition(), offset.getValue())).toList();
  }

  /** The positions that were kept, if all of them fit: else what was kept with them is not of this space. */
  private Map<TopicPartition, Long> resumed(Space current, Extent found) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Position position : kept) {
      TopicPartition partition = new TopicPartition(topics.embeddings(current.modelVersion()), position.partition());
      if (!current.equals(new Space(position.modelVersion(), position.topicId())) || !found.ends().containsKey(partition)
          || position.offset() < found.beginnings().get(partition) || position.offset() > found.ends().get(partition)) {
        log.info("{} is not in topic '{}' of the version that is ACTIVE", position, partition.topic());
        return Map.of();
      }
      offsets.merge(partition, position.offset(), Math::max);
    }
    return offsets;
  }

  private void deliver(Batch batch) {
    for (ConsumerRecord<String, byte[]> record : batch.records()) {
      if (patience.stopped()) {
        return;
      }
      if (!isRollout(record)) {
        long after = record.offset() + 1;
        Position position = new Position(space.modelVersion(), space.topicId(), record.partition(), after);
        records.update(record, space.modelVersion()).ifPresent(update -> tell(update, position));
        next.put(new TopicPartition(record.topic(), record.partition()), after);
      }
    }
    next.putAll(batch.positions());
    List<Position> reached = space == null ? List.of() : positions(batch.positions());
    if (!reached.isEmpty() && !patience.stopped()) {
      listener.onProgress(reached);
    }
  }

  private void tell(Update update, Position position) {
    if (update.embedding() == null) {
      listener.onGone(update.objectId(), position);
    } else {
      listener.onEmbedding(update.objectId(), update.embedding(), position);
    }
  }

  private void tellCaughtUp() {
    if (space != null && !caughtUp && !patience.stopped()
        && ends.entrySet().stream().allMatch(end -> next.get(end.getKey()) >= end.getValue())) {
      caughtUp = true;
      listener.onCaughtUp();
    }
  }
}
