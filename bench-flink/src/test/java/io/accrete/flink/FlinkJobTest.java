package io.accrete.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.bench.BenchBundles;
import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The job on Flink publishes what folding by the model itself gives, each change once: else there is nothing to compare. */
class FlinkJobTest {
  private static final int OBJECTS = 4;
  private static final int PHOTOS = 6;
  private static final String LAST = "last";

  @TempDir private Path dir;
  private final Catalogue catalogue = new Catalogue(1, OBJECTS);
  private final Map<Integer, byte[]> rendered = new HashMap<>();
  private final Map<String, Map<String, byte[]>> ledgers = new HashMap<>();
  private final Map<String, Integer> changes = new HashMap<>();

  @Test
  @Timeout(300)
  void shouldPublishEachChangeOnceAndAsTheModelFolds() throws Exception {
    Bundle bundle = BenchBundles.write(dir.resolve("bundle"), 1, 32, 128, 1);
    Map<String, List<ObjectEmbedding>> published;
    try (ClusterProcess cluster = ClusterProcess.start(dir.resolve("cluster"))) {
      AccreteConfig config = cluster.config();
      Topics topics = new Topics(config);
      try (Admin admin = Admin.create(config.kafkaClient())) {
        topics.create(admin, bundle.version());
      }
      send(config, topics.imageEvents());
      try (FlinkJob job = FlinkJob.start(config, bundle.root(), 0, Duration.ofMillis(100), dir.resolve("flink"))) {
        published = published(config, topics.embeddings(bundle.version()), job);
        job.close();
        assertThat(job.awaitEnd()).isEmpty();
      }
    }
    assertThat(published).hasSize(OBJECTS);
    try (Model model = Model.load(bundle, RuntimeOptions.cpu())) {
      for (Map.Entry<String, List<ObjectEmbedding>> object : published.entrySet()) {
        assertThat(object.getValue()).as(object.getKey()).extracting(ObjectEmbedding::getSequence)
            .containsExactlyElementsOf(LongStream.rangeClosed(1, changes.get(object.getKey())).boxed().toList());
        check(object.getValue().get(object.getValue().size() - 1), model, ledgers.get(object.getKey()).values());
      }
    }
  }

  private static void check(ObjectEmbedding found, Model model, Iterable<byte[]> ledger) throws ImageException {
    Preprocessor preprocessor = new Preprocessor(model.bundle().preprocessing());
    Folded folded = null;
    int count = 0;
    for (byte[] photo : ledger) {
      float[] tokens = model.encode(List.of(preprocessor.pixels(photo, ImageLimits.LOCAL)))[0];
      folded = model.fold(folded == null ? null : folded.state(), tokens, count++);
    }
    assertThat(found.getImageCount()).isEqualTo(count);
    float[] expected = folded.embedding();
    assertThat(found.getVector()).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(found.getVector().get(i)).isCloseTo(expected[i], within(1e-6f));
    }
  }

  /** New photos, half of them sent again, and one that is replaced; and at last one by which it is seen that all is done. */
  private void send(AccreteConfig config, String topic) {
    try (var producer = new KafkaProducer<>(config.kafkaClient(), new StringSerializer(), AvroSerdes.<ImageEvent>serializer(config))) {
      for (int view = 0; view < PHOTOS; view++) {
        for (int object = 0; object < OBJECTS; object++) {
          add(producer, topic, object, Integer.toString(view), view);
          add(producer, topic, object, Integer.toString(view / 2), view / 2);
        }
      }
      for (int object = 0; object < OBJECTS; object++) {
        add(producer, topic, object, "1", PHOTOS);
        add(producer, topic, object, "1", PHOTOS);
        add(producer, topic, object, LAST, PHOTOS + 1);
      }
    }
  }

  private void add(KafkaProducer<String, ImageEvent> producer, String topic, int product, String imageId, int view) {
    String objectId = catalogue.objectId(product);
    byte[] photo = rendered.computeIfAbsent(view * OBJECTS + product, any -> catalogue.photo(product, view));
    ImageEvent event = ImageEvent.newBuilder().setImageId(imageId).setContent(ByteBuffer.wrap(photo)).build();
    producer.send(new ProducerRecord<>(topic, objectId, event));
    Map<String, byte[]> ledger = ledgers.computeIfAbsent(objectId, any -> new LinkedHashMap<>());
    if (!Arrays.equals(ledger.get(imageId), photo)) {
      ledger.remove(imageId); // a replacement takes the place of its own arrival
      ledger.put(imageId, photo);
      changes.merge(objectId, 1, Integer::sum);
    }
  }

  /** What was committed of each object, up to its last photo. */
  private static Map<String, List<ObjectEmbedding>> published(AccreteConfig config, String topic, FlinkJob job) throws Exception {
    Map<String, Object> settings = config.kafkaClient();
    settings.put("isolation.level", "read_committed");
    settings.put("auto.offset.reset", "earliest");
    Map<String, List<ObjectEmbedding>> published = new HashMap<>();
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), AvroSerdes.deserializer(ObjectEmbedding.class, config))) {
      consumer.assign(IntStream.range(0, consumer.partitionsFor(topic).size()).mapToObj(i -> new TopicPartition(topic, i)).toList());
      for (int complete = 0; complete < OBJECTS; ) {
        if (job.hasEnded()) {
          throw new AssertionError(job.awaitEnd().orElse("cancelled"));
        }
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          published.computeIfAbsent(record.key(), any -> new ArrayList<>()).add(record.value());
          complete += record.value().getLastImageId().equals(LAST) ? 1 : 0;
        }
      }
    }
    return published;
  }
}
