package io.accrete.serde;

import static io.accrete.serde.AvroSerdeException.Reason.NOT_AVRO;
import static io.accrete.serde.AvroSerdeException.Reason.REGISTRY_UNAVAILABLE;
import static io.accrete.serde.AvroSerdeException.Reason.UNDECODABLE;
import static io.accrete.serde.AvroSerdeException.Reason.UNKNOWN_SCHEMA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.accrete.events.ImageEvent;
import io.accrete.events.ImageSet;
import io.accrete.registry.RegistryConfig;
import io.accrete.registry.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes that nobody should have sent: each is refused with its reason, and none costs more memory than it brings. */
class MalformedRecordsTest {
  private static final String TOPIC = "image-events";

  private TestRegistry registry;
  private int schemaId;

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
    schemaId = registry.add(ImageEvent.getClassSchema().toString());
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void shouldRefuseWhatIsNotInTheWireFormat() {
    for (byte[] bytes : new byte[][] {{}, {0, 0, 0, 0}, "{\"imageId\":\"a\"}".getBytes(StandardCharsets.UTF_8), {1, 0, 0, 0, 1, 0}}) {
      assertThat(refusal(ImageEvent.class, bytes)).isEqualTo(NOT_AVRO);
    }
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void shouldRefuseAnUnknownSchema() {
    assertThat(refusal(ImageEvent.class, new byte[] {0, 0, 0, 0, 99, 0})).isEqualTo(UNKNOWN_SCHEMA);
    assertThat(refusal(ImageEvent.class, new byte[] {0, -1, -1, -1, -1, 0})).isEqualTo(UNKNOWN_SCHEMA);
  }

  @Test
  void shouldRefuseEveryTruncation() {
    byte[] whole;
    try (RegistryAvroSerializer serializer = new RegistryAvroSerializer()) {
      serializer.configure(registry.config(), false);
      whole = serializer.serialize(TOPIC, AvroSerdesTest.event("front", ByteBuffer.wrap(new byte[20])));
    }
    try (RegistryAvroDeserializer deserializer = deserializer(ImageEvent.class)) {
      for (int length = WireFormat.HEADER_BYTES; length < whole.length; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        assertThatExceptionOfType(AvroSerdeException.class).isThrownBy(() -> deserializer.deserialize(TOPIC, part))
            .satisfies(e -> assertThat(e.reason()).isEqualTo(UNDECODABLE));
      }
    }
  }

  @Test
  void shouldNotAllocateWhatIsOnlyDeclared() throws IOException {
    long huge = Integer.MAX_VALUE - 16; // 2 GiB: more than the tests' heap
    assertThat(refusal(ImageEvent.class, payload(schemaId, out -> out.writeLong(huge)))).isEqualTo(UNDECODABLE); // a string
    assertThat(refusal(ImageEvent.class, payload(schemaId, out -> {
      out.writeString("a");
      out.writeEnum(0);
      out.writeIndex(1);
      out.writeLong(huge); // bytes
    }))).isEqualTo(UNDECODABLE);
    assertThat(refusal(ImageEvent.class, payload(schemaId, out -> {
      out.writeString("a");
      out.writeEnum(0);
      out.writeIndex(0);
      out.writeIndex(0);
      out.writeIndex(0);
      out.writeLong(huge); // entries of a map
    }))).isEqualTo(UNDECODABLE);
    int sets = registry.add(ImageSet.getClassSchema().toString());
    assertThat(refusal(ImageSet.class, payload(sets, out -> {
      out.writeString("o");
      out.writeLong(huge); // items of an array
    }))).isEqualTo(UNDECODABLE);
    assertThat(refusal(ImageEvent.class, payload(schemaId, out -> out.writeLong(Long.MIN_VALUE)))).isEqualTo(UNDECODABLE);
  }

  @Test
  void shouldNotSpinOverItemsThatTakeNoBytes() throws IOException {
    int nulls = registry.add("{\"type\":\"record\",\"name\":\"ImageEvent\",\"namespace\":\"io.accrete.events\",\"fields\":["
        + "{\"name\":\"imageId\",\"type\":\"string\"},{\"name\":\"padding\",\"type\":{\"type\":\"array\",\"items\":\"null\"}}]}");
    assertThat(refusal(ImageEvent.class, payload(nulls, out -> {
      out.writeString("a");
      out.writeLong(Integer.MAX_VALUE - 16);
    }))).isEqualTo(UNDECODABLE);
  }

  @Test
  void shouldSurviveARecursiveSchema() throws IOException {
    int recursive = registry.add("{\"type\":\"record\",\"name\":\"ImageEvent\",\"namespace\":\"io.accrete.events\",\"fields\":["
        + "{\"name\":\"imageId\",\"type\":\"string\"},{\"name\":\"nested\",\"type\":{\"type\":\"record\",\"name\":\"Node\",\"fields\":["
        + "{\"name\":\"next\",\"type\":[\"null\",\"Node\"]}]}}]}");
    byte[] deep = payload(recursive, out -> {
      out.writeString("a");
      for (int i = 0; i < 1_000_000; i++) {
        out.writeIndex(1);
      }
      out.writeIndex(0);
    });
    assertThat(refusal(ImageEvent.class, deep)).isEqualTo(UNDECODABLE);
  }

  @Test
  void shouldRefuseASchemaThatIsNotTheReaders() throws IOException {
    int other = registry.add("{\"type\":\"record\",\"name\":\"Other\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}");
    assertThat(refusal(ImageEvent.class, payload(other, out -> out.writeInt(1)))).isEqualTo(UNDECODABLE);
    int text = registry.add("\"string\"");
    assertThat(refusal(ImageEvent.class, payload(text, out -> out.writeString("hello")))).isEqualTo(UNDECODABLE);
    int broken = registry.add("{\"type\":\"nonsense\"}");
    assertThat(refusal(ImageEvent.class, payload(broken, out -> out.writeInt(1)))).isEqualTo(UNDECODABLE);
  }

  @Test
  void shouldDecodeOrRefuseWhateverComes() {
    Random random = new Random(7);
    byte[] whole;
    try (RegistryAvroSerializer serializer = new RegistryAvroSerializer()) {
      serializer.configure(registry.config(), false);
      whole = serializer.serialize(TOPIC, AvroSerdesTest.event("front", ByteBuffer.wrap(new byte[50])));
    }
    int refused = 0;
    try (RegistryAvroDeserializer deserializer = deserializer(ImageEvent.class)) {
      for (int round = 0; round < 20_000; round++) {
        byte[] bytes = Arrays.copyOf(whole, WireFormat.HEADER_BYTES + random.nextInt(whole.length));
        for (int change = random.nextInt(8); change >= 0; change--) {
          int at = WireFormat.HEADER_BYTES + random.nextInt(Math.max(1, bytes.length - WireFormat.HEADER_BYTES));
          if (at < bytes.length) {
            bytes[at] = (byte) random.nextInt();
          }
        }
        try {
          assertThat(deserializer.deserialize(TOPIC, bytes)).isInstanceOf(ImageEvent.class);
        } catch (AvroSerdeException e) {
          assertThat(e.reason()).isEqualTo(UNDECODABLE);
          refused++;
        }
      }
    }
    assertThat(refused).isBetween(1, 19_999);
  }

  @Test
  void shouldKeepTheRecordsReasonApartFromTheRegistrys() {
    registry.close();
    assertThat(refusal(ImageEvent.class, new byte[] {0, 0, 0, 0, 1, 0})).isEqualTo(REGISTRY_UNAVAILABLE);
  }

  @Test
  void shouldTellTheReasonOfOtherSerializersToo() {
    assertThat(AvroSerdeException.Reason.of(new SerializationException("x", new ConnectException()))).isEqualTo(REGISTRY_UNAVAILABLE);
    assertThat(AvroSerdeException.Reason.of(new TimeoutException("x"))).isEqualTo(REGISTRY_UNAVAILABLE);
    assertThat(AvroSerdeException.Reason.of(new SerializationException("x", new EOFException()))).isEqualTo(UNDECODABLE);
    assertThat(AvroSerdeException.Reason.of(new RuntimeException(new AvroSerdeException(NOT_AVRO, "x", null)))).isEqualTo(NOT_AVRO);
  }

  private AvroSerdeException.Reason refusal(Class<? extends SpecificRecord> type, byte[] bytes) {
    try (RegistryAvroDeserializer deserializer = deserializer(type)) {
      AvroSerdeException refusal = catchThrowableOfType(AvroSerdeException.class, () -> deserializer.deserialize(TOPIC, bytes));
      assertThat(refusal).isNotNull();
      assertThat(refusal.getMessage()).isNotBlank();
      assertThat(refusal.getCause() instanceof SecurityException).isFalse(); // that would hide whether decoding was tried
      return refusal.reason();
    }
  }

  private RegistryAvroDeserializer deserializer(Class<? extends SpecificRecord> type) {
    RegistryAvroDeserializer deserializer = new RegistryAvroDeserializer();
    Map<String, Object> config = registry.config();
    config.put(RegistryConfig.SPECIFIC_READER, true);
    config.put(RegistryConfig.SPECIFIC_VALUE_TYPE, type);
    deserializer.configure(config, false);
    return deserializer;
  }

  private interface Body {
    void write(BinaryEncoder out) throws IOException;
  }

  private static byte[] payload(int id, Body body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(WireFormat.header(id));
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    body.write(encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
