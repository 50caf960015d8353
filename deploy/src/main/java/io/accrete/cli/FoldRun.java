package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.image.PhotoFile;
import io.accrete.local.Instance;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.rollout.RolloutReader;
import io.accrete.streams.rollout.RolloutView;
import io.accrete.streams.topology.DeadLetters;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Streams photos into a running cluster and follows the app until every event is committed.
 *
 * <p>What this run did is told by offsets, not by counters: an embedding or a dead letter belongs to the run if the event behind it was not
 * yet committed when the run began. So the numbers are exact also after a kill.
 */
final class FoldRun implements AutoCloseable {
  private static final Duration PACE = Duration.ofMillis(200);

  private final AccreteConfig config;
  private final Cluster cluster;
  private final Consumption consumption;
  private final EmbeddingTable table;
  private final CommittedTopic<byte[]> deadLetters;
  private final Map<Integer, Long> begin;
  private final Map<String, Integer> rejected = new TreeMap<>();
  private int embeddings;

  /**
   * Notes where the app stands; to be called before it starts.
   *
   * @param modelVersion whose embeddings are followed; if its rollout is over, those of the ACTIVE version
   */
  FoldRun(AccreteConfig config, String modelVersion) {
    this.config = config;
    Topics topics = new Topics(config);
    cluster = Cluster.connect(config);
    topics.create(cluster.admin());
    String followed = followed(modelVersion);
    topics.create(cluster.admin(), followed);
    consumption = new Consumption(config, cluster);
    begin = consumption.committed();
    table = new EmbeddingTable(config, topics.embeddings(followed), AvroSerdes.deserializer(ObjectEmbedding.class, config));
    deadLetters = new CommittedTopic<>(config, topics.deadLetters(), new ByteArrayDeserializer());
  }

  /** Not a version that is over: nobody would delete a topic that was created for it. */
  private String followed(String modelVersion) {
    try (RolloutReader rollouts = new RolloutReader(config)) {
      RolloutView view = rollouts.catchUp();
      return !view.isOver(modelVersion) ? modelVersion
          : view.latest(RolloutState.ACTIVE).map(RolloutEvent::getModelVersion).orElseThrow(() -> new IllegalStateException("Model "
              + modelVersion + " is " + view.state(modelVersion).orElseThrow() + ", and no other version is active: "
              + view.event(modelVersion).orElseThrow().getReason() + ". Begin with another bundle."));
    }
  }

  /**
   * What a run did.
   *
   * @param events image events committed as processed
   * @param embeddings embeddings published for them
   * @param rejected dead letters for them, by reason
   * @param problems photos that could not be sent
   */
  record Result(long events, int embeddings, Map<String, Integer> rejected, double seconds, List<String> problems) {
    int deadLettered() {
      return rejected.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Events that changed nothing because what they say was known. */
    long duplicates() {
      return events - embeddings - deadLettered();
    }
  }

  /** Sends the photos and returns when everything in the topic is folded and committed. */
  Result run(List<PhotoFile> photos, Instance app) throws IOException, InterruptedException {
    long started = System.nanoTime();
    CompletableFuture<Ingest.Outcome> sending = CompletableFuture.supplyAsync(() -> send(photos));
    follow(sending, app);
    double seconds = (System.nanoTime() - started) / 1e9;
    table.catchUp(this::count);
    deadLetters.catchUp(this::count);
    return new Result(processed(), embeddings, rejected, seconds, result(sending).problems());
  }

  /** Object id to newest embedding. */
  Map<String, ObjectEmbedding> objects() {
    return table.latest();
  }

  private Ingest.Outcome send(List<PhotoFile> photos) {
    String topicId = cluster.topic(config.getString(ConfigKeys.TOPIC_IMAGE_EVENTS)).topicId().toString();
    try (Journal journal = Journal.open(LocalState.journal(config, topicId))) {
      return new Ingest(config, AvroSerdes.serializer(config), false).send(photos, journal, () -> { });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void follow(CompletableFuture<Ingest.Outcome> sending, Instance app) throws InterruptedException {
    try (Progress progress = Progress.start("Folding", -1, System.err)) {
      boolean done = false;
      while (!done) {
        app.requireAlive();
        boolean sent = sending.isDone(); // before the offsets are read: what is sent later is not overlooked
        long end = Consumption.sum(consumption.end());
        long left = end - Consumption.sum(consumption.committed());
        progress.total(end - Consumption.sum(begin));
        progress.stepTo(end - Consumption.sum(begin) - left);
        table.catchUp(this::count);
        done = sent && left == 0;
        if (!done) {
          Thread.sleep(PACE.toMillis());
        }
      }
    }
  }

  private long processed() {
    return Consumption.sum(consumption.committed()) - Consumption.sum(begin);
  }

  private void count(ObjectEmbedding embedding) {
    if (embedding.getSourceOffset() >= begin.getOrDefault(embedding.getSourcePartition(), 0L)) {
      embeddings++;
    }
  }

  private void count(ConsumerRecord<String, byte[]> letter) {
    int partition = Integer.parseInt(header(letter, DeadLetters.PARTITION));
    if (Long.parseLong(header(letter, DeadLetters.OFFSET)) >= begin.getOrDefault(partition, 0L)) {
      rejected.merge(header(letter, DeadLetters.REASON), 1, Integer::sum);
    }
  }

  private static String header(ConsumerRecord<String, byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(name);
    return header == null ? "0" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static Ingest.Outcome result(CompletableFuture<Ingest.Outcome> sending) throws InterruptedException {
    try {
      return sending.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    deadLetters.close();
    table.close();
    cluster.close();
  }
}
