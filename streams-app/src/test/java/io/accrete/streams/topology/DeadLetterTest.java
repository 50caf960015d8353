package io.accrete.streams.topology;

import static io.accrete.streams.topology.Harness.header;
import static io.accrete.streams.topology.Photos.jpeg;
import static io.accrete.streams.topology.Photos.png;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.content.ContentException;
import io.accrete.content.ContentResolver;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.serde.AvroSerdes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every event that cannot be processed becomes one dead letter with its reason, and the next event goes through. */
class DeadLetterTest {
  private static final String IMAGE_IN_TEXT = "not an image at all, but a few words of text";

  @TempDir Path state;
  private final TinyModel tiny = new TinyModel();
  private TinyRegistry registry;
  private Serde<ImageEvent> events;
  private Serializer<SpecificRecord> values;
  private Harness app;
  private int next;

  @BeforeEach
  void start() throws Exception {
    registry = new TinyRegistry();
    AccreteConfig config = AccreteConfig.of(Map.of(ConfigKeys.REGISTRY_URL, registry.url()));
    events = Serdes.serdeFrom(AvroSerdes.serializer(config), AvroSerdes.deserializer(ImageEvent.class, config));
    values = AvroSerdes.serializer(config);
    app = app(Map.of());
  }

  private Harness app(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(Map.of(ConfigKeys.OBJECT_MAX_IMAGES, "3"));
    settings.putAll(more);
    return new Harness(state, tiny.version("v1"), settings, events.deserializer(), values);
  }

  @AfterEach
  void stop() {
    app.close();
    events.close();
    values.close();
    registry.close();
  }

  @Test
  void shouldNameTheReasonOfEveryBadRecord() {
    byte[] good = write(add("a", png(1)));
    byte[] unknownSchema = good.clone();
    ByteBuffer.wrap(unknownSchema).putInt(1, 4711);

    rejects(null, good, DeadLetterReason.UNPARSABLE_KEY);
    rejects(new byte[0], good, DeadLetterReason.UNPARSABLE_KEY);
    rejects(new byte[] {(byte) 0xc3, 0x28}, good, DeadLetterReason.UNPARSABLE_KEY);
    rejects(new byte[EventRules.MAX_ID_BYTES + 1], null, DeadLetterReason.UNPARSABLE_KEY);
    rejects(key("mug"), "{}".getBytes(StandardCharsets.UTF_8), DeadLetterReason.NOT_AVRO);
    rejects(key("mug"), new byte[0], DeadLetterReason.NOT_AVRO);
    rejects(key("mug"), Arrays.copyOf(good, good.length - 1), DeadLetterReason.NOT_AVRO);
    rejects(key("mug"), unknownSchema, DeadLetterReason.UNKNOWN_SCHEMA);
  }

  @Test
  void shouldCountByReasonFromZero() {
    assertThat(app.meters.find(TopologyMetrics.DEAD_LETTERS).counters()).hasSameSizeAs(DeadLetterReason.values())
        .allSatisfy(counter -> assertThat(counter.count()).isZero());

    rejects(key("mug"), new byte[0], DeadLetterReason.NOT_AVRO);
    assertThat(app.meters.get(TopologyMetrics.DEAD_LETTERS).tag("reason", "not_avro").counter().count()).isEqualTo(1);
  }

  @Test
  void shouldNameTheReasonOfEveryBadEvent() {
    rejects(event("").setContent(ByteBuffer.wrap(png(1))), DeadLetterReason.INVALID_EVENT);
    rejects(event("i".repeat(EventRules.MAX_ID_BYTES + 1)).setContent(ByteBuffer.wrap(png(1))), DeadLetterReason.INVALID_EVENT);
    rejects(event("a"), DeadLetterReason.INVALID_EVENT);
    rejects(event("a").setContent(new ContentReference("file:/a", "ABC")), DeadLetterReason.INVALID_EVENT);
    rejects(event("a").setContent(new ContentReference("x".repeat(9000), null)), DeadLetterReason.INVALID_EVENT);
    rejects(event("a").setContent(ByteBuffer.wrap(png(1))).setAttributes(Map.of("k", "v".repeat(Attributes.MAX_EVENT_CHARS))),
        DeadLetterReason.INVALID_EVENT);
    rejects(event("a").setContent(ByteBuffer.wrap(png(1))).setSource("s".repeat(2000)), DeadLetterReason.INVALID_EVENT);
  }

  @Test
  void shouldNameTheReasonOfEveryBadImage() {
    rejects(add("a", new byte[0]), DeadLetterReason.IMAGE_EMPTY);
    rejects(add("a", IMAGE_IN_TEXT.getBytes(StandardCharsets.UTF_8)), DeadLetterReason.IMAGE_UNSUPPORTED);
    rejects(add("a", Arrays.copyOf(jpeg(1), jpeg(1).length - 100)), DeadLetterReason.IMAGE_CORRUPT);
    rejects(add("a", Arrays.copyOf(png(1), 64 * 1024 + 1)), DeadLetterReason.IMAGE_TOO_LARGE);
    rejects(add("a", bomb()), DeadLetterReason.IMAGE_TOO_MANY_PIXELS);
  }

  @Test
  void shouldNameTheReasonOfEveryBadReference() {
    app.web.put("https://shop.example/a.png", png(1));
    rejects(event("a").setContent(new ContentReference("https://shop.example/none.png", null)), DeadLetterReason.CONTENT_NOT_FOUND);
    rejects(event("a").setContent(new ContentReference("https://shop.example/a.png", Content.hex(Content.sha256(png(2))))),
        DeadLetterReason.HASH_MISMATCH);
  }

  @Test
  void shouldNameTheReasonOfTheResolver() {
    for (ContentException.Reason reason : ContentException.Reason.values()) {
      ContentResolver resolver = uri -> {
        throw new ContentException(reason, "no");
      };
      ImageEvent event = event("a").setContent(new ContentReference("s3://b/k", null)).build();
      assertThatThrownBy(() -> new ContentReader(resolver).of(event)).isInstanceOfSatisfying(RejectedEventException.class,
          e -> assertThat(e.reason().name()).endsWith(switch (reason) {
            case TOO_LARGE -> "IMAGE_TOO_LARGE";
            case INVALID_URI -> "INVALID_EVENT";
            default -> "CONTENT_" + reason;
          }));
    }
  }

  @Test
  void shouldRefuseMoreImagesThanAnObjectMayHold() {
    for (int i = 0; i < 3; i++) {
      send(add("image" + i, png(i)));
    }
    float[] full = app.embedding("mug");

    rejects(add("image3", png(3)), DeadLetterReason.OBJECT_FULL);
    assertThat(app.embedding("mug")).containsExactly(full);
    send(add("image0", png(7)));
    assertThat(app.count(Outcome.REPLACED)).isEqualTo(1);
    assertThat(app.object("mug").orElseThrow().getImageCount()).isEqualTo(3);
  }

  @Test
  void shouldRefuseMoreAttributesThanAnObjectMayHold() {
    Harness roomy = new Harness(state.resolve("roomy"), tiny.version("v1"), Map.of());
    try (roomy) {
      for (int i = 0; i < 5; i++) {
        roomy.add("mug", "image" + i, ByteBuffer.wrap(png(i)), Map.of("k" + i, "v".repeat(Attributes.MAX_EVENT_CHARS - 2)));
      }
      assertThat(roomy.deadLetters()).singleElement()
          .satisfies(letter -> assertThat(header(letter, DeadLetters.REASON)).isEqualTo("OBJECT_FULL"));
      assertThat(roomy.ledger("mug")).hasSize(4);
    }
  }

  @Test
  void shouldLeaveTheObjectAsItWasWhenItCannotBeFoldedAgain() {
    app.web.put("s3://shop/a", png(1));
    send(event("a").setContent(new ContentReference("s3://shop/a", null)));
    send(add("b", png(2)));
    float[] before = app.embedding("mug");
    app.web.put("s3://shop/a", png(9));

    rejects(event("b").setOperation(Operation.REMOVE), DeadLetterReason.REFOLD_FAILED);
    app.web.remove("s3://shop/a");
    rejects(add("b", png(3)), DeadLetterReason.REFOLD_FAILED);

    assertThat(app.embedding("mug")).containsExactly(before);
    assertThat(app.ledger("mug")).hasSize(2);
    app.web.put("s3://shop/a", png(1));
    send(event("b").setOperation(Operation.REMOVE));
    assertThat(app.embedding("mug")).containsExactly(Harness.direct(tiny.version("v1"), List.of(png(1))));
  }

  @Test
  void shouldKeepItsMessageOnOneLineWhateverTheIdsHold() {
    app.web.put("s3://shop/a", png(1));
    send(event("a\n\u001b[2K").setContent(new ContentReference("s3://shop/a", null)));
    send(add("b", png(2)));
    app.web.remove("s3://shop/a");

    rejects(event("b").setOperation(Operation.REMOVE), DeadLetterReason.REFOLD_FAILED);
  }

  @Test
  void shouldKeepKeyValueAndHeadersAndSayWhereItCameFrom() {
    byte[] value = "text".getBytes(StandardCharsets.UTF_8);
    RecordHeaders headers = new RecordHeaders();
    headers.add("trace", new byte[] {1}).add(DeadLetters.REASON, new byte[] {2});
    app.send(new TestRecord<>(key("mug"), value, headers, Harness.START));

    TestRecord<byte[], byte[]> letter = app.deadLetters().get(0);
    assertThat(letter.key()).isEqualTo(key("mug"));
    assertThat(letter.value()).isEqualTo(value);
    assertThat(letter.headers().lastHeader("trace").value()).containsExactly(1);
    assertThat(letter.headers().headers(DeadLetters.REASON)).hasSize(1);
    assertThat(header(letter, DeadLetters.REASON)).isEqualTo("NOT_AVRO");
    assertThat(header(letter, DeadLetters.MESSAGE)).contains("not Avro in the Confluent wire format");
    assertThat(header(letter, DeadLetters.TOPIC)).isEqualTo("image-events");
    assertThat(header(letter, DeadLetters.PARTITION)).isEqualTo("0");
    assertThat(header(letter, DeadLetters.OFFSET)).isEqualTo("0");
    assertThat(header(letter, DeadLetters.TIMESTAMP)).isEqualTo(Long.toString(Harness.START.toEpochMilli()));
    assertThat(header(letter, DeadLetters.APPLICATION_ID)).isEqualTo("accrete");
    assertThat(letter.getRecordTime()).isEqualTo(Harness.START);
  }

  @Test
  void shouldLeaveOutWhatDoesNotFitIntoADeadLetter() {
    app.sendRaw(key("mug"), new byte[2 << 20]);

    TestRecord<byte[], byte[]> letter = app.deadLetters().get(0);
    assertThat(letter.key()).isEqualTo(key("mug"));
    assertThat(letter.value()).isEmpty();
    assertThat(header(letter, DeadLetters.OMITTED)).isEqualTo("value (2097152 bytes)");
  }

  @Test
  void shouldLeaveOutHeadersOfAnEventWithoutValue() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("trace", new byte[2 << 20]);
    app.send(new TestRecord<>(new byte[2 << 20], null, headers, Harness.START));

    TestRecord<byte[], byte[]> letter = app.deadLetters().get(0);
    assertThat(letter.value()).isNull();
    assertThat(letter.key()).isEmpty();
    assertThat(letter.headers().lastHeader("trace")).isNull();
    assertThat(header(letter, DeadLetters.OMITTED)).isEqualTo("headers (2097167 bytes), key (2097152 bytes)");
  }

  @Test
  void shouldNotBlameTheEventWhenTheRegistryIsDown() {
    byte[] unseen = write(add("a", png(1)));
    ByteBuffer.wrap(unseen).putInt(1, 99);
    app.close();
    app = app(Map.of(ConfigKeys.TRANSACTION_TIMEOUT, "10000")); // the registry is waited for as long as a transaction allows
    registry.close();

    assertThatThrownBy(() -> app.sendRaw(key("mug"), unseen)).rootCause().hasMessageNotContaining("dead");
    assertThat(app.deadLetters()).isEmpty();
  }

  @Test
  void shouldSurviveAnyBytes() {
    Random random = new Random(42);
    byte[] good = write(event("a").setContent(ByteBuffer.wrap(png(1))).setAttributes(Map.of("k", "v")).setSource("s"));
    int letters = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] value = i % 3 == 0 ? random(random, random.nextInt(200)) : good.clone();
      for (int flips = random.nextInt(4); i % 3 == 1 && flips >= 0; flips--) {
        value[5 + random.nextInt(value.length - 5)] = (byte) random.nextInt();
      }
      if (i % 3 == 2) {
        value = Arrays.copyOf(value, random.nextInt(value.length));
      }
      app.sendRaw(i % 10 == 0 ? random(random, random.nextInt(8)) : key("object" + i), value);
      letters += app.deadLetters().size();
    }
    double counted = Arrays.stream(Outcome.values()).mapToDouble(app::count).sum();
    assertThat(counted).isEqualTo(3000);
    assertThat(app.count(Outcome.DEAD_LETTERED)).isEqualTo(letters).isGreaterThan(1000);
  }

  private void rejects(ImageEvent.Builder event, DeadLetterReason reason) {
    rejects(key("mug"), write(event), reason);
  }

  private void rejects(byte[] key, byte[] value, DeadLetterReason reason) {
    app.deadLetters();
    app.sendRaw(key, value);
    assertThat(app.deadLetters()).singleElement().satisfies(letter -> {
      assertThat(header(letter, DeadLetters.REASON)).isEqualTo(reason.name());
      assertThat(header(letter, DeadLetters.MESSAGE)).isNotBlank().doesNotContain("java.", "\n", "\u001b");
      assertThat(letter.key()).isEqualTo(key);
      assertThat(letter.value()).isEqualTo(value);
    });
    double folded = app.count(Outcome.FOLDED);
    app.sendRaw(key("next" + next++), write(add("a", png(next))));
    assertThat(app.count(Outcome.FOLDED)).isEqualTo(folded + 1);
  }

  private void send(ImageEvent.Builder event) {
    app.sendRaw(key("mug"), write(event));
  }

  private byte[] write(ImageEvent.Builder event) {
    return events.serializer().serialize("image-events", event.build());
  }

  private static ImageEvent.Builder event(String image) {
    return ImageEvent.newBuilder().setImageId(image);
  }

  private static ImageEvent.Builder add(String image, byte[] content) {
    return event(image).setContent(ByteBuffer.wrap(content));
  }

  private static byte[] key(String object) {
    return object.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A PNG whose header promises 60,000 × 60,000 pixels. */
  private static byte[] bomb() {
    byte[] bomb = png(1);
    ByteBuffer header = ByteBuffer.wrap(bomb).putInt(16, 60_000).putInt(20, 60_000);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(bomb, 12, 17);
    header.putInt(29, (int) crc.getValue());
    return bomb;
  }
}
