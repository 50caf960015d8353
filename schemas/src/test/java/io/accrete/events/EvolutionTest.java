package io.accrete.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.registry.RegistryConfig;
import io.accrete.registry.TestRegistry;
import io.accrete.serde.RegistryAvroDeserializer;
import io.accrete.serde.RegistryAvroSerializer;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.generic.IndexedRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writers and readers of different versions, through the registry and the wire format. */
class EvolutionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TestRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void shouldReadAnEventOfAnOlderWriter() throws IOException {
    ObjectNode older = json(ImageEvent.getClassSchema());
    remove(older, "operation", "content", "capturedAt", "source", "attributes");
    GenericRecord event = new GenericRecordBuilder(parse(older)).set("imageId", "front").build();
    assertThat(read(ImageEvent.class, event)).isEqualTo(ImageEvent.newBuilder().setImageId("front").build());
  }

  @Test
  void shouldReadAnEmbeddingOfAnOlderWriter() throws IOException {
    ObjectNode older = json(ObjectEmbedding.getClassSchema());
    remove(older, "uncertainty", "attributes");
    GenericRecord embedding = new GenericRecordBuilder(parse(older)).set("vector", List.of(1f)).set("modelVersion", "v1")
        .set("imageCount", 1).set("lastImageId", "a").set("sequence", 1L)
        .set("sourcePartition", 0).set("sourceOffset", 0L).set("updatedAt", 9L).build();
    ObjectEmbedding expected = ObjectEmbedding.newBuilder().setVector(List.of(1f)).setModelVersion("v1")
        .setImageCount(1).setLastImageId("a")
        .setSequence(1).setSourcePartition(0).setSourceOffset(0).setUpdatedAt(Instant.ofEpochMilli(9)).build();
    assertThat(read(ObjectEmbedding.class, embedding)).isEqualTo(expected);
  }

  /** The reverse, promised for events: producers may be ahead of the application. */
  @Test
  void shouldReadAnEventOfANewerWriter() throws IOException {
    ObjectNode newer = json(ImageEvent.getClassSchema());
    fields(newer).addObject().put("name", "studio").put("type", "string").put("default", "");
    symbols(newer).add("ARCHIVE");
    Schema schema = parse(newer);
    Schema operation = schema.getField("operation").schema();
    GenericRecord event = new GenericRecordBuilder(schema).set("imageId", "front").set("studio", "north")
        .set("operation", new GenericData.EnumSymbol(operation, "ARCHIVE")).build();
    assertThat(read(ImageEvent.class, event)).isEqualTo(ImageEvent.newBuilder().setImageId("front").setOperation(Operation.ADD).build());
    event.put("operation", new GenericData.EnumSymbol(operation, "REMOVE"));
    assertThat(read(ImageEvent.class, event).getOperation()).isEqualTo(Operation.REMOVE);
  }

  private <T extends IndexedRecord> T read(Class<T> type, GenericRecord written) {
    Map<String, Object> config = registry.config();
    config.put(RegistryConfig.SPECIFIC_READER, true);
    config.put(RegistryConfig.SPECIFIC_VALUE_TYPE, type);
    try (RegistryAvroSerializer serializer = new RegistryAvroSerializer();
        RegistryAvroDeserializer deserializer = new RegistryAvroDeserializer()) {
      serializer.configure(config, false);
      deserializer.configure(config, false);
      return type.cast(deserializer.deserialize("t", serializer.serialize("t", written)));
    }
  }

  private static ObjectNode json(Schema schema) throws IOException {
    return (ObjectNode) JSON.readTree(schema.toString());
  }

  private static Schema parse(ObjectNode schema) {
    return new Schema.Parser().parse(schema.toString());
  }

  private static ArrayNode fields(ObjectNode schema) {
    return schema.withArray("fields");
  }

  private static void remove(ObjectNode schema, String... names) {
    List<String> gone = List.of(names);
    for (int i = fields(schema).size() - 1; i >= 0; i--) {
      if (gone.contains(fields(schema).get(i).path("name").asText())) {
        fields(schema).remove(i);
      }
    }
  }

  private static ArrayNode symbols(ObjectNode event) {
    return (ArrayNode) event.findValue("symbols");
  }
}
