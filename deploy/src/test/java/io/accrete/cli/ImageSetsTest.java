package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageSet;
import io.accrete.events.SampledImage;
import io.accrete.retrieval.Photo;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import io.accrete.trainer.buffer.BufferLimits;
import io.accrete.trainer.buffer.ImageSetBuffer;
import io.accrete.trainer.buffer.ImageSetConsumer;
import io.accrete.trainer.buffer.Snapshot;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Image sets by way of a real broker and a real registry into the trainer's buffer, with everything that may be wrong with them. */
@Timeout(300)
class ImageSetsTest {
  private static final int MOST = 20;

  @TempDir private Path dir;
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
    @Override
    protected void append(ILoggingEvent event) {
      said.add(event.getFormattedMessage());
    }
  };
  private final Logger log = (Logger) LoggerFactory.getLogger("io.accrete.trainer.buffer");
  private RealCluster cluster;
  private AccreteConfig config;
  private KafkaProducer<String, byte[]> producer;
  private Serializer<ImageSet> serializer;

  @BeforeEach
  void start() throws Exception {
    appender.start();
    log.addAppender(appender);
    Files.createDirectories(dir.resolve("allowed"));
    cluster = new RealCluster(dir, Map.of(ConfigKeys.TOPIC_PARTITIONS, "1", ConfigKeys.FILE_ROOTS, dir.resolve("allowed").toString()));
    config = cluster.config();
    Map<String, Object> settings = config.kafkaClient();
    settings.put("transactional.id", "sampler");
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    producer.initTransactions();
    serializer = AvroSerdes.serializer(config);
  }

  @AfterEach
  void stop() {
    producer.close();
    serializer.close();
    cluster.close();
    log.detachAppender(appender);
  }

  @Test
  void shouldTakeWhatCanBeUsedAndSayWhatCannot() throws Exception {
    byte[] broken = Arrays.copyOf(photo(7, 40), 60);
    SampledImage wrongHash = inline("wrong", photo(8, 8));
    wrongHash = new SampledImage("wrong", "0".repeat(64), wrongHash.getContent());
    Path outside = Files.write(dir.resolve("outside.png"), photo(9, 8));
    try (ImageSetBuffer buffer = open(); ImageSetConsumer consumer = ImageSetConsumer.start(config, buffer)) {
      await(() -> said("There is no topic 'image-sets'. Start the streams application, or run 'accrete topics create'."));
      createTopics();
      send(set("value", inline("a", photo(1, 8)), inline("b", photo(2, 300)), inline("a again", photo(1, 8))));
      send(set("reference", file("a", photo(3, 8)), file("b", photo(4, 8))));
      send(new byte[] {1, 2, 3});
      send((byte[]) null);
      send(set("broken", inline("a", photo(5, 8)), inline("b", broken), inline("c", photo(6, 8)), inline("d", new byte[0])));
      send(set("one left", inline("a", photo(5, 8)), wrongHash));
      send(set("one", inline("a", photo(1, 8))));
      send(set("", inline("a", photo(1, 8)), inline("b", photo(2, 8))));
      send(set("outside", reference("a", outside, photo(9, 8)), inline("b", photo(1, 8)), inline("c", photo(2, 8))));
      send(set("gone", reference("a", dir.resolve("allowed/none.png"), photo(10, 8)), file("e", photo(11, 8)), file("f", photo(12, 8))));
      send(set("many", IntStream.range(0, 1000).mapToObj(i -> inline("image " + i, photo(1000 + i, 4))).toArray(SampledImage[]::new)));
      producer.beginTransaction();
      producer.send(record(serializer.serialize(topic(), set("aborted", inline("a", photo(1, 8)), inline("b", photo(2, 8))))));
      producer.flush();
      producer.abortTransaction();
      send(set("last", inline("a", photo(1, 8)), inline("b", photo(2, 8))));
      await(() -> consumer.status().objects() == 7);
      await(() -> consumer.status().lag().equals(OptionalLong.of(0)));

      try (Snapshot snapshot = buffer.snapshot()) {
        assertThat(snapshot.objects().keySet())
            .isEqualTo(Set.of("value", "reference", "broken", "outside", "gone", "many", "last"));
        assertThat(bytes(snapshot, "value")).containsExactly(photo(1, 8), photo(2, 300));
        assertThat(bytes(snapshot, "reference")).containsExactly(photo(3, 8), photo(4, 8));
        assertThat(bytes(snapshot, "broken")).containsExactly(photo(5, 8), photo(6, 8));
        assertThat(bytes(snapshot, "outside")).containsExactly(photo(1, 8), photo(2, 8));
        assertThat(bytes(snapshot, "gone")).containsExactly(photo(11, 8), photo(12, 8));
        assertThat(bytes(snapshot, "many")).containsExactly(
            IntStream.range(1000 - MOST, 1000).mapToObj(i -> photo(1000 + i, 4)).toArray(byte[][]::new));
      }
      assertThat(said).anyMatch(line -> line.contains("at offset 4 is passed over: it cannot be read"))
          .anyMatch(line -> line.contains("is passed over: it has no value"))
          .anyMatch(line -> line.startsWith("2 of 4 images are left out") && line.contains("of object 'broken'")
              && line.contains("'b': The PNG image ends early"))
          .anyMatch(line -> line.contains("1 of its 2 images can be used and differ; expected at least 2. It is of object 'one left'")
              && line.contains("'wrong': its bytes have the SHA-256"))
          .anyMatch(line -> line.contains("1 of its 1 images can be used and differ; expected at least 2. It is of object 'one'"))
          .anyMatch(line -> line.contains("its object id has 0 bytes; expected 1 to 1024"))
          .anyMatch(line -> line.contains("of object 'outside'") && line.contains("content.file.roots"))
          .anyMatch(line -> line.contains("of object 'gone'") && line.contains("There is no file"))
          .anyMatch(line -> line.contains("of object 'many' has 1000 images; the last 20 are taken (trainer.buffer.object.images)"));
    }
  }

  @Test
  void shouldGoOnWhereItWasAfterRestartsAndFailures() throws Exception {
    createTopics();
    try (ImageSetBuffer buffer = open(); ImageSetConsumer consumer = ImageSetConsumer.start(config, buffer)) {
      send(set("first", file("a", photo(1, 8)), file("b", photo(2, 8))));
      await(() -> consumer.status().objects() == 1);
    }
    Files.delete(dir.resolve("allowed/a")); // if it were read again, it could not be

    byte[] second = serializer.serialize(topic(), set("second", inline("a", photo(3, 8)), inline("b", photo(4, 8))));
    cluster.stopRegistry();
    try (ImageSetBuffer buffer = open(); ImageSetConsumer consumer = ImageSetConsumer.start(config, buffer)) {
      send(second);
      await(() -> said("No image sets are read, trying again in"));
      assertThat(consumer.status().objects()).isEqualTo(1);
      cluster.startRegistry();
      await(() -> consumer.status().objects() == 2);

      said.clear();
      Path photos = dir.resolve("buffer/photos");
      Files.move(photos, dir.resolve("aside"));
      Files.write(photos, new byte[0]); // nothing can be written below a file
      send(set("third", inline("a", photo(5, 8)), inline("b", photo(6, 8))));
      await(() -> said("cannot be written"));
      Files.delete(photos);
      Files.move(dir.resolve("aside"), photos);
      await(() -> consumer.status().objects() == 3);
    }
    assertThat(said).noneMatch(line -> line.contains("left out") || line.contains("passed over"));

    send(set("deleted", inline("a", photo(7, 8)), inline("b", photo(8, 8))));
    TopicPartition partition = new TopicPartition(topic(), 0);
    try (Admin admin = Admin.create(config.kafkaClient())) {
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).all().get();
    }
    send(set("after", inline("a", photo(9, 8)), inline("b", photo(10, 8))));
    try (ImageSetBuffer buffer = open(); ImageSetConsumer consumer = ImageSetConsumer.start(config, buffer)) {
      await(() -> consumer.status().objects() == 4);
      assertThat(said).anyMatch(line -> line.contains("expected to continue at offset") && line.contains("It is bounded by size"));
      try (Snapshot snapshot = buffer.snapshot()) {
        assertThat(snapshot.objects().keySet()).isEqualTo(Set.of("first", "second", "third", "after"));
        assertThat(bytes(snapshot, "first")).containsExactly(photo(1, 8), photo(2, 8));
      }
    }
  }

  private ImageSetBuffer open() {
    return ImageSetBuffer.open(dir.resolve("buffer"), new BufferLimits(1 << 20, MOST));
  }

  private void createTopics() {
    try (Admin admin = Admin.create(config.kafkaClient())) {
      new Topics(config).create(admin);
    }
  }

  private String topic() {
    return new Topics(config).imageSets();
  }

  private boolean said(String text) {
    return said.stream().anyMatch(line -> line.contains(text));
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(20_000_000); // the test's time limit ends it
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("Waited too long");
      }
    }
  }

  private void send(ImageSet set) {
    send(serializer.serialize(topic(), set));
  }

  private void send(byte[] value) {
    producer.beginTransaction();
    producer.send(record(value));
    producer.commitTransaction();
  }

  private ProducerRecord<String, byte[]> record(byte[] value) {
    return new ProducerRecord<>(topic(), "object", value);
  }

  private static ImageSet set(String object, SampledImage... images) {
    return new ImageSet(object, List.of(images), images.length, Instant.EPOCH);
  }

  private static SampledImage inline(String id, byte[] photo) {
    return new SampledImage(id, sha256(photo), ByteBuffer.wrap(photo));
  }

  private SampledImage file(String name, byte[] photo) throws Exception {
    return reference(name, Files.write(dir.resolve("allowed").resolve(name), photo), photo);
  }

  private static SampledImage reference(String id, Path file, byte[] photo) {
    return new SampledImage(id, sha256(photo), new ContentReference(file.toUri().toString(), null));
  }

  private static List<byte[]> bytes(Snapshot snapshot, String object) throws Exception {
    List<byte[]> bytes = new ArrayList<>();
    for (Photo photo : snapshot.objects().get(object)) {
      bytes.add(photo.source().read());
    }
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] photo(int colour, int side) {
    try {
      BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
      image.setRGB(0, 0, colour);
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(image, "png", png);
      return png.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
