package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Manifest;
import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ModelVersion;
import io.accrete.events.ObjectEmbedding;
import io.accrete.image.PhotoFolder;
import io.accrete.local.LocalCluster;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.serde.AvroSerdes;
import io.accrete.tensor.Parameters;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/** Photos, bundles and what was published, for tests with a real broker. */
final class Runs {
  static final int SIDE = 16;
  private static final int DIMENSION = 12;

  private Runs() {}

  static PhotoFolder photos(Path directory, int products, int photosPerProduct) throws IOException {
    new Catalogue(7, products).writeTo(directory, photosPerProduct);
    return PhotoFolder.scan(directory);
  }

  static Bundle bundle(Path directory) {
    return UntrainedBundle.write(directory);
  }

  /** A bundle of a few kilobytes whose embeddings depend on the order of the images; each seed is a model version. */
  static Bundle tinyBundle(Path directory, long seed) {
    return tinyBundle(directory, seed, null, Map.of(), Map.of());
  }

  /** The same with facts, scores and, unless it is null, a version of its own. */
  static Bundle tinyBundle(Path directory, long seed, String version, Map<String, String> lineage, Map<String, Double> metrics) {
    VitConfig vit = VitConfig.plain(new Stem.Patch(8), SIDE, DIMENSION, 1, 2);
    EncoderGraph encoder = EncoderGraph.of(new Vit(vit), Parameters.random(seed), Preprocessing.imageNet(SIDE, SIDE), false, Map.of());
    MileConfig mile = new MileConfig(MileConfig.Mode.PATCHES, true, DIMENSION, 2, 0, vit.tokens(SIDE) - 1, false, false);
    AggregatorGraph aggregator =
        AggregatorGraph.of(new MileAggregator(mile), Parameters.random(seed + 1), encoder.tokens(), false, Map.of());
    return BundleWriter.write(new BundleDraft("tiny-" + seed, version, "For a test.", encoder, aggregator, lineage, metrics), directory,
        false);
  }

  /** A small configuration: few partitions, and no long waits for a last fetch where something ends. */
  static AccreteConfig config(Bundle bundle, Map<String, String> more) {
    Map<String, String> values = new HashMap<>(more);
    values.put(ConfigKeys.BUNDLE, bundle.root().toString());
    values.putIfAbsent(ConfigKeys.TOPIC_PARTITIONS, "2");
    values.putIfAbsent(AccreteConfig.KAFKA_PREFIX + "fetch.max.wait.ms", "100");
    return AccreteConfig.of(values);
  }

  /** Every embedding ever published, in order within an object; what is being committed is waited for. */
  static List<ConsumerRecord<String, ObjectEmbedding>> history(AccreteConfig config, String modelVersion) {
    String name = new Topics(config).embeddings(modelVersion);
    awaitCommitted(config, name);
    List<ConsumerRecord<String, ObjectEmbedding>> history = new ArrayList<>();
    try (CommittedTopic<ObjectEmbedding> topic =
        new CommittedTopic<>(config, name, AvroSerdes.deserializer(ObjectEmbedding.class, config))) {
      topic.catchUp(history::add);
    }
    return history;
  }

  /** The same by object. */
  static Map<String, List<ReferenceModel.Change>> changes(AccreteConfig config, String modelVersion) {
    Map<String, List<ReferenceModel.Change>> changes = new TreeMap<>();
    history(config, modelVersion).forEach(record ->
        changes.computeIfAbsent(record.key(), any -> new ArrayList<>()).add(ReferenceModel.Change.of(record.value())));
    return changes;
  }

  /** Offsets are committed a little before what was published with them can be read: each partition has a marker of its own. */
  private static void awaitCommitted(AccreteConfig config, String topic) {
    try (Cluster cluster = Cluster.connect(config)) {
      while (!ends(cluster, topic, IsolationLevel.READ_COMMITTED).equals(ends(cluster, topic, IsolationLevel.READ_UNCOMMITTED))) {
        Thread.onSpinWait();
      }
    }
  }

  private static List<Long> ends(Cluster cluster, String topic, IsolationLevel isolation) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    cluster.topic(topic).partitions().forEach(info -> asked.put(new TopicPartition(topic, info.partition()), OffsetSpec.latest()));
    Map<TopicPartition, ListOffsetsResultInfo> ends =
        cluster.await(cluster.admin().listOffsets(asked, new ListOffsetsOptions(isolation)).all());
    return IntStream.range(0, asked.size()).mapToObj(partition -> ends.get(new TopicPartition(topic, partition)).offset()).toList();
  }

  /** What {@code model-versions} says of a bundle. */
  static ModelVersion record(Bundle bundle, String address) {
    Manifest.Shapes shapes = bundle.manifest().shapes();
    return ModelVersion.newBuilder().setModelVersion(bundle.version()).setBundleUri(address).setEncoderSha256(bundle.encoderSha256())
        .setAggregatorSha256(bundle.aggregatorSha256()).setManifestSha256(bundle.manifestSha256())
        .setEmbeddingDimension(shapes.embedding()).setStateTokens(shapes.stateTokens()).setTokenDimension(shapes.dimension())
        .setImageSize(shapes.imageSize()).setPublishedAt(Instant.ofEpochMilli(1)).build();
  }

  /** Sends one record and returns when the broker has it. */
  static <T extends SpecificRecord> void send(AccreteConfig config, String topic, String key, T value) throws Exception {
    try (KafkaProducer<String, T> producer =
        new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), AvroSerdes.<T>serializer(config))) {
      producer.send(new ProducerRecord<>(topic, key, value)).get();
    }
  }

  static float[] vector(ObjectEmbedding embedding) {
    float[] vector = new float[embedding.getVector().size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = embedding.getVector().get(i);
    }
    return vector;
  }

  /** What a command, which must succeed, says of a cluster. */
  static String execute(LocalCluster cluster, List<String> arguments) {
    List<String> line = new ArrayList<>(arguments);
    line.addAll(List.of("--config", cluster.configFile().toString()));
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said, true);
    assertThat(Accrete.commandLine().setOut(out).setErr(out).execute(line.toArray(String[]::new))).as(said.toString()).isZero();
    return said.toString();
  }
}
