package io.accrete.cli;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.UntrainedBundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.image.PhotoFolder;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.serde.AvroSerdes;
import io.accrete.tensor.Parameters;
import io.accrete.topics.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

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

  /** A small configuration: few partitions, one encoder thread. */
  static AccreteConfig config(Bundle bundle, Map<String, String> more) {
    Map<String, String> values = new HashMap<>(more);
    values.put(ConfigKeys.BUNDLE, bundle.root().toString());
    values.putIfAbsent(ConfigKeys.TOPIC_PARTITIONS, "2");
    return AccreteConfig.of(values);
  }

  /** Every embedding ever committed, in order within an object. */
  static List<ConsumerRecord<String, ObjectEmbedding>> history(AccreteConfig config, String modelVersion) {
    List<ConsumerRecord<String, ObjectEmbedding>> history = new ArrayList<>();
    try (CommittedTopic<ObjectEmbedding> topic = new CommittedTopic<>(
        config, new Topics(config).embeddings(modelVersion), AvroSerdes.deserializer(ObjectEmbedding.class, config))) {
      topic.catchUp(history::add);
    }
    return history;
  }
}
