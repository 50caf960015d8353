package io.accrete.cli;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.DefaultBundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ObjectEmbedding;
import io.accrete.image.PhotoFolder;
import io.accrete.serde.AvroSerdes;
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
  private Runs() {}

  static PhotoFolder photos(Path directory, int products, int photosPerProduct) throws IOException {
    new Catalogue(7, products).writeTo(directory, photosPerProduct);
    return PhotoFolder.scan(directory);
  }

  static Bundle bundle(Path directory) {
    return DefaultBundle.write(directory);
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
