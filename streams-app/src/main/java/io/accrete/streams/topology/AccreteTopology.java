package io.accrete.streams.topology;

import static io.accrete.config.ConfigKeys.APPLICATION_ID;
import static io.accrete.config.ConfigKeys.COMMIT_INTERVAL;
import static io.accrete.config.ConfigKeys.FEATURES_STORE;
import static io.accrete.config.ConfigKeys.OBJECT_MAX_IMAGES;
import static io.accrete.config.ConfigKeys.SWEEP_SHARE;
import static io.accrete.config.ConfigKeys.TRANSACTION_TIMEOUT;

import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentResolver;
import io.accrete.events.ImageEvent;
import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.store.ObjectChanges;
import io.accrete.streams.store.StateStores;
import io.accrete.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TimestampExtractor;

/** The topology: image events → fold → object embeddings, image sets, dead letters and reports. */
public final class AccreteTopology {
  static final String EVENTS = "image-events";
  static final String FOLD = "fold";
  static final String EMBEDDINGS = "object-embeddings";
  static final String IMAGE_SETS = "image-sets";
  static final String DEAD_LETTERS = "dead-letters";
  static final String REPORTS = "rollout-reports";

  /** The run of records before it, a record, and waiting for the registry may each take this part of a transaction's time. */
  public static final int TRANSACTION_SHARES = 4;

  /** So long an event may wait for a sweep, or for one image of it if that takes longer. */
  private static final Duration SLICE = Duration.ofMillis(25);

  /** A record without a time is as old as time; it must not stop the thread, which is what Kafka Streams' own extractor does. */
  private static final TimestampExtractor TIMESTAMPS = (record, partitionTime) -> Math.max(0, record.timestamp());

  private AccreteTopology() {}

  /**
   * Builds it.
   *
   * @param models makes one for each task, which is asked once for every record and every slice of a sweep
   * @param events reads image events; its exceptions decide between dead letter and repetition
   * @param values writes object embeddings, image sets and reports
   * @param ahead what is done before records are processed; empty: nothing
   * @param changes hears of what becomes of the objects
   * @param outcomes is told what becomes of each event
   */
  public static Topology build(AccreteConfig config, Supplier<ModelSource> models, ContentResolver content,
      Deserializer<ImageEvent> events, Serializer<SpecificRecord> values, MeterRegistry meters, ImagesAhead ahead,
      ObjectChanges changes, OutcomeWatch outcomes) {
    return build(config, models, content, events, values, meters, ahead, changes, outcomes, SLICE);
  }

  /** As the other, with slices of another length; zero: each is one image, or one object that needs none. */
  static Topology build(AccreteConfig config, Supplier<ModelSource> models, ContentResolver content, Deserializer<ImageEvent> events,
      Serializer<SpecificRecord> values, MeterRegistry meters, ImagesAhead ahead, ObjectChanges changes,
      OutcomeWatch outcomes, Duration slice) {
    Topics topics = new Topics(config);
    TopologyParts parts = parts(config, topics, models, content, events, values, meters, ahead, changes, outcomes, slice);
    Topology topology = new Topology();
    topology.addSource(AutoOffsetReset.earliest(), EVENTS, TIMESTAMPS, new ByteArrayDeserializer(), new ByteArrayDeserializer(),
        topics.imageEvents());
    topology.addProcessor(FOLD, () -> new ImageEventProcessor(parts), EVENTS);
    StateStores.builders(topics.maxMessageBytes(), config.getBoolean(FEATURES_STORE))
        .forEach(store -> topology.addStateStore(store, FOLD));
    topology.addSink(EMBEDDINGS, parts.embeddings().topics(), new ByteArraySerializer(), new ByteArraySerializer(), FOLD);
    topology.addSink(IMAGE_SETS, topics.imageSets(), new ByteArraySerializer(), new ByteArraySerializer(), FOLD);
    topology.addSink(DEAD_LETTERS, topics.deadLetters(), new ByteArraySerializer(), new ByteArraySerializer(), FOLD);
    topology.addSink(REPORTS, topics.rolloutReports(), new ByteArraySerializer(), new ByteArraySerializer(), FOLD);
    return topology;
  }

  private static TopologyParts parts(AccreteConfig config, Topics topics, Supplier<ModelSource> models,
      ContentResolver content, Deserializer<ImageEvent> events, Serializer<SpecificRecord> values, MeterRegistry meters,
      ImagesAhead ahead, ObjectChanges changes, OutcomeWatch outcomes, Duration slice) {
    Duration share = Duration.ofMillis(config.getInt(TRANSACTION_TIMEOUT)).dividedBy(TRANSACTION_SHARES);
    RegistryPatience registry = new RegistryPatience(share);
    TopologyMetrics metrics = new TopologyMetrics(meters);
    double sweepShare = config.getDouble(SWEEP_SHARE);
    Duration commit = Duration.ofMillis(config.getInt(COMMIT_INTERVAL));
    return new TopologyParts(models, new EventParser(events, registry), new ContentReader(content), ahead,
        new EmbeddingWriter(values, registry, topics::embeddings), new ImageSetSampler(config, values, registry, metrics),
        new DeadLetters(config.getString(APPLICATION_ID), topics.maxMessageBytes()),
        new ReportWriter(values, registry, topics.rolloutReports()), metrics, changes, outcomes,
        config.getBoolean(FEATURES_STORE), config.getInt(OBJECT_MAX_IMAGES),
        ThreadLocal.withInitial(TransactionTime.Run::new), share, ThreadLocal.withInitial(() -> new SweepPace(sweepShare)),
        ThreadLocal.withInitial(() -> new CommitPace(commit)), slice);
  }
}
