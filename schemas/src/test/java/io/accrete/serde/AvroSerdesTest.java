package io.accrete.serde;

import static io.accrete.serde.AvroSerdeException.Reason.REGISTRY_UNAVAILABLE;
import static io.accrete.serde.AvroSerdeException.Reason.SCHEMA_REFUSED;
import static io.accrete.serde.AvroSerdeException.Reason.UNENCODABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.Operation;
import io.accrete.registry.RegistryConfig;
import io.accrete.registry.TestRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AvroSerdesTest {
  private static final String TOPIC = "image-events";

  private TestRegistry registry;
  private AccreteConfig config;

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
    config = AccreteConfig.of(Map.of(ConfigKeys.REGISTRY_URL, registry.url()));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void shouldReadWhatItWrote() {
    try (Serde<ImageEvent> serde = Serdes.serdeFrom(AvroSerdes.serializer(config), AvroSerdes.deserializer(ImageEvent.class, config))) {
      for (Object content : new Object[] {null, ByteBuffer.wrap(new byte[] {1, 2, 3}), new ContentReference("file:/a.jpg", "00ff")}) {
        ImageEvent event = event("front", content);
        assertThat(serde.deserializer().deserialize(TOPIC, serde.serializer().serialize(TOPIC, event))).isEqualTo(event);
      }
      ImageEvent read = serde.deserializer().deserialize(TOPIC, serde.serializer().serialize(TOPIC, event("é", null)));
      assertThat(read.getImageId()).isEqualTo("é");
      assertThat(read.getAttributes().get("brand")).isInstanceOf(String.class);
      assertThat(read.getCapturedAt()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_123L));
    }
    assertThat(registry.requests()).hasSize(2); // one registration, one fetch
  }

  @Test
  void shouldWriteArraysOfFloatsAsAnyOtherList() {
    Schema schema = ObjectEmbedding.getClassSchema().getField("vector").schema();
    FloatArray floats = new FloatArray(3, schema);
    List<Float> values = List.of(0.6f, -0.8f, Float.MIN_VALUE);
    floats.addAll(values);
    try (Serializer<ObjectEmbedding> serializer = AvroSerdes.serializer(config)) {
      assertThat(serializer.serialize("e", embedding(floats))).isEqualTo(serializer.serialize("e", embedding(values)));
      assertThat(serializer.serialize("e", embedding(new FloatArray(0, schema))))
          .isEqualTo(serializer.serialize("e", embedding(List.of())));
    }
  }

  @Test
  void shouldReadEmbeddings() {
    ObjectEmbedding embedding = embedding(List.of(0.6f, 0.8f));
    try (Serde<ObjectEmbedding> serde =
        Serdes.serdeFrom(AvroSerdes.serializer(config), AvroSerdes.deserializer(ObjectEmbedding.class, config))) {
      assertThat(serde.deserializer().deserialize("e", serde.serializer().serialize("e", embedding))).isEqualTo(embedding);
    }
  }

  @Test
  void shouldWriteTheConfluentWireFormat() {
    registry.add("\"string\""); // so that our id is not 1
    try (Serializer<ImageEvent> serializer = AvroSerdes.serializer(config)) {
      byte[] bytes = serializer.serialize(TOPIC, event("front", null));
      // magic, id 2, length 5 (zigzag 10) of "front", operation ADD
      assertThat(bytes).startsWith(0, 0, 0, 0, 2, 10, 'f', 'r', 'o', 'n', 't', 0);
    }
    assertThat(registry.requests().get(0).path()).isEqualTo("/subjects/image-events-value/versions");
  }

  @Test
  void shouldRegisterTheSchemaAsItWasWritten() {
    try (Serializer<ImageEvent> serializer = AvroSerdes.serializer(config)) {
      serializer.serialize(TOPIC, event("front", null));
    }
    assertThat(registry.schema(1)).doesNotContain("avro.java").contains("\"doc\":\"One image added", "timestamp-millis");
  }

  @Test
  void shouldPassTombstones() {
    try (Serde<ImageEvent> serde = Serdes.serdeFrom(AvroSerdes.serializer(config), AvroSerdes.deserializer(ImageEvent.class, config))) {
      assertThat(serde.serializer().serialize(TOPIC, null)).isNull();
      assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
    }
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void shouldReadGenericRecordsWithoutAClass() {
    byte[] bytes;
    try (Serializer<ImageEvent> serializer = AvroSerdes.serializer(config)) {
      bytes = serializer.serialize(TOPIC, event("front", null));
    }
    try (RegistryAvroDeserializer generic = new RegistryAvroDeserializer(); RegistryAvroSerializer again = new RegistryAvroSerializer()) {
      generic.configure(registry.config(), false);
      again.configure(registry.config(), false);
      GenericRecord record = (GenericRecord) generic.deserialize(TOPIC, bytes);
      assertThat(record.get("imageId")).hasToString("front");
      assertThat(again.serialize(TOPIC, record)).isEqualTo(bytes);
    }
  }

  @Test
  void shouldUseKeySubjectsForKeys() {
    try (RegistryAvroSerializer keys = new RegistryAvroSerializer()) {
      keys.configure(registry.config(), true);
      keys.serialize(TOPIC, event("front", null));
    }
    assertThat(registry.requests().get(0).path()).isEqualTo("/subjects/image-events-key/versions");
  }

  @Test
  void shouldLookUpOnlyWhereRegistrationIsOff() {
    Map<String, Object> readOnly = new HashMap<>(registry.config());
    readOnly.put(RegistryConfig.AUTO_REGISTER, false);
    try (RegistryAvroSerializer serializer = new RegistryAvroSerializer()) {
      serializer.configure(readOnly, false);
      registry.next(404, "{\"error_code\":40401,\"message\":\"Subject not found\"}");
      assertThatExceptionOfType(AvroSerdeException.class).isThrownBy(() -> serializer.serialize(TOPIC, event("front", null)))
          .withMessageContaining("image-events-value").satisfies(e -> assertThat(e.reason()).isEqualTo(SCHEMA_REFUSED));
      registry.next(200, "{\"subject\":\"image-events-value\",\"version\":1,\"id\":9,\"schema\":\"\\\"int\\\"\"}");
      assertThat(serializer.serialize(TOPIC, event("front", null))).startsWith(0, 0, 0, 0, 9);
    }
    assertThat(registry.requests()).extracting(TestRegistry.Request::path).containsOnly("/subjects/image-events-value");
  }

  @Test
  void shouldSayWhyASchemaIsRefused() {
    registry.next(409, "{\"error_code\":409,\"message\":\"reader lacks a default\"}");
    try (Serializer<ImageEvent> serializer = AvroSerdes.serializer(config)) {
      assertThatExceptionOfType(AvroSerdeException.class).isThrownBy(() -> serializer.serialize(TOPIC, event("front", null)))
          .withMessageContaining("reader lacks a default").satisfies(e -> assertThat(e.reason()).isEqualTo(SCHEMA_REFUSED));
    }
  }

  @Test
  void shouldSayThatTheRegistryIsDown() {
    registry.close();
    try (RegistryAvroSerializer serializer = new RegistryAvroSerializer()) {
      serializer.configure(registry.config(), false);
      assertThatExceptionOfType(AvroSerdeException.class).isThrownBy(() -> serializer.serialize(TOPIC, event("front", null)))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(REGISTRY_UNAVAILABLE));
    }
  }

  @Test
  void shouldRefuseARecordThatDoesNotFitItsSchema() {
    try (Serializer<ImageEvent> serializer = AvroSerdes.serializer(config)) {
      assertThatExceptionOfType(AvroSerdeException.class).isThrownBy(() -> serializer.serialize(TOPIC, new ImageEvent()))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(UNENCODABLE));
    }
  }

  @Test
  void shouldSayWhichClassIsMissing() {
    AccreteConfig confluent = config.with(Map.of(ConfigKeys.SERIALIZER_CLASS, "io.confluent.kafka.serializers.KafkaAvroSerializer"));
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AvroSerdes.serializer(confluent))
        .withMessageContaining("io.confluent.kafka.serializers.KafkaAvroSerializer").withMessageContaining(ConfigKeys.SERIALIZER_CLASS)
        .withMessageContaining("Add its jars");
    AccreteConfig wrong = config.with(Map.of(ConfigKeys.DESERIALIZER_CLASS, "java.lang.String"));
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> AvroSerdes.deserializer(ImageEvent.class, wrong))
        .withMessageContaining("java.lang.String").withMessageContaining("Deserializer");
  }

  @Test
  void shouldNotLoadAClassThatTheWriterNames() {
    Map<String, Object> noType = new HashMap<>(registry.config());
    noType.put(RegistryConfig.SPECIFIC_READER, true);
    try (RegistryAvroDeserializer deserializer = new RegistryAvroDeserializer()) {
      assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> deserializer.configure(noType, false))
          .withMessageContaining(RegistryConfig.SPECIFIC_VALUE_TYPE);
    }
  }

  static ImageEvent event(String imageId, Object content) {
    return ImageEvent.newBuilder().setImageId(imageId).setOperation(Operation.ADD).setContent(content)
        .setCapturedAt(Instant.ofEpochMilli(1_700_000_000_123L)).setSource("studio").setAttributes(Map.of("brand", "Accrete")).build();
  }

  private static ObjectEmbedding embedding(List<Float> vector) {
    return ObjectEmbedding.newBuilder().setVector(vector).setModelVersion("v1").setImageCount(2).setLastImageId("b").setSequence(2)
        .setSourcePartition(0).setSourceOffset(41).setUpdatedAt(Instant.ofEpochMilli(5)).build();
  }
}
