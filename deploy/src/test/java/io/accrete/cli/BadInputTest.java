package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everything that can be wrong with an event, in one partition of a real cluster, between good events; and events that come twice. */
class BadInputTest {
  private static final String OBJECT = "object";

  @TempDir private Path dir;
  private final byte[] photo = new Catalogue(7, 1).photo(0, 0);

  @Test
  @Timeout(180)
  void shouldTurnEachBadEventIntoOneDeadLetterAndGoOn() throws Exception {
    Path root = Files.createDirectories(dir.resolve("root"));
    Path inside = Files.write(root.resolve("inside.jpg"), photo);
    Path outside = Files.write(dir.resolve("outside.jpg"), photo);
    Bundle bundle = Runs.bundle(dir.resolve("bundle"));
    AccreteConfig config = Runs.config(bundle, Map.of(
        ConfigKeys.TOPIC_PARTITIONS, "1", ConfigKeys.FILE_ROOTS, root.toString(), ConfigKeys.HTTP_HOSTS, "*"));

    try (LocalCluster cluster = LocalCluster.open(dir.resolve("data"), config, Ports.ANY);
        FoldRun run = new FoldRun(cluster.config(), bundle.version());
        Serializer<ImageEvent> avro = AvroSerdes.serializer(cluster.config())) {
      String topic = new Topics(cluster.config()).imageEvents();
      Map<String, byte[]> bad = new LinkedHashMap<>();
      bad.put("NOT_AVRO", "no Avro at all".getBytes(StandardCharsets.UTF_8));
      bad.put("UNKNOWN_SCHEMA", ByteBuffer.allocate(8).put((byte) 0).putInt(987_654).array());
      bad.put("IMAGE_CORRUPT", avro.serialize(topic, event("truncated", ByteBuffer.wrap(Arrays.copyOf(photo, photo.length / 2)))));
      bad.put("IMAGE_EMPTY", avro.serialize(topic, event("empty", ByteBuffer.allocate(0))));
      bad.put("IMAGE_UNSUPPORTED", avro.serialize(topic, event("text", ByteBuffer.wrap("just text".getBytes(StandardCharsets.UTF_8)))));
      bad.put("IMAGE_TOO_MANY_PIXELS", avro.serialize(topic, event("bomb", ByteBuffer.wrap(bomb()))));
      bad.put("CONTENT_NOT_FOUND", avro.serialize(topic, event("missing",
          reference(root.resolve("missing.jpg").toUri().toString(), null))));
      bad.put("CONTENT_NOT_ALLOWED outside", avro.serialize(topic, event("outside", reference(outside.toUri().toString(), null))));
      bad.put("CONTENT_NOT_ALLOWED link-local", avro.serialize(topic,
          event("metadata", reference("http://169.254.169.254/latest/", null))));
      bad.put("HASH_MISMATCH", avro.serialize(topic, event("hash", reference(inside.toUri().toString(), "0".repeat(64)))));

      try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(cluster.config().kafkaClient(), new StringSerializer(),
          new ByteArraySerializer())) {
        producer.send(new ProducerRecord<>(topic, OBJECT, avro.serialize(topic, event("first", ByteBuffer.wrap(photo)))));
        bad.values().forEach(value -> producer.send(new ProducerRecord<>(topic, OBJECT, value)));
        producer.send(new ProducerRecord<>(topic, OBJECT, avro.serialize(topic, event("first", ByteBuffer.wrap(photo))))); // a duplicate
        producer.send(new ProducerRecord<>(topic, OBJECT, avro.serialize(topic,
            event("last", reference(inside.toUri().toString(), null)))));
        producer.send(new ProducerRecord<>(topic, OBJECT, avro.serialize(topic,
            event("last", ByteBuffer.wrap(photo))))); // the same bytes by value
      }
      FoldRun.Result result = run.run(List.of(), cluster.serve(bundle));

      assertThat(result.rejected()).containsExactlyInAnyOrderEntriesOf(
          bad.keySet().stream().collect(Collectors.groupingBy(reason -> reason.split(" ")[0], Collectors.summingInt(reason -> 1))));
      assertThat(result.duplicates()).isEqualTo(2);
      assertThat(result.embeddings()).isEqualTo(2);
      assertThat(run.objects()).hasSize(1);
      assertThat(Runs.history(cluster.config(), bundle.version())).extracting(ConsumerRecord::value)
          .extracting(ObjectEmbedding::getSequence, ObjectEmbedding::getImageCount, ObjectEmbedding::getLastImageId)
          .containsExactly(tuple(1L, 1, "first"), tuple(2L, 2, "last"));
    }
  }

  private static ImageEvent event(String imageId, Object content) {
    return ImageEvent.newBuilder().setImageId(imageId).setContent(content).build();
  }

  private static ContentReference reference(String uri, String sha256) {
    return new ContentReference(uri, sha256);
  }

  /** A PNG of 60,000 by 60,000 pixels, as far as its header tells. */
  private static byte[] bomb() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504E470D0A1A0AL);
    chunk(out, "IHDR", ByteBuffer.allocate(13).putInt(60_000).putInt(60_000).put(new byte[] {8, 2, 0, 0, 0}).array());
    chunk(out, "IDAT", new byte[] {0x78, (byte) 0x9c, 3, 0, 0, 0, 0, 1});
    chunk(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }
}
