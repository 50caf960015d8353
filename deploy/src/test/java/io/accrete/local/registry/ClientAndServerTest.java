package io.accrete.local.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.Operation;
import io.accrete.local.KafkaBroker;
import io.accrete.registry.RegisteredSchema;
import io.accrete.registry.RegistryClient;
import io.accrete.registry.RegistryException;
import io.accrete.registry.UnknownSchemaException;
import io.accrete.serde.AvroSerdes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our client and serdes against a whole registry: our own, or the one that the variable {@code ACCRETE_TEST_REGISTRY_URL} names,
 * which is how {@code deploy/interop/apicurio.sh} runs them against Apicurio's. Subjects are new in each run.
 */
class ClientAndServerTest {
  private static final String FOREIGN = System.getenv("ACCRETE_TEST_REGISTRY_URL");
  private static final Schema V1 = SchemaBuilder.record("R").namespace("test").fields().requiredInt("a").endRecord();
  private static final Schema V2 = SchemaBuilder.record("R").namespace("test").fields().requiredInt("a").optionalString("b").endRecord();
  private static final Schema INCOMPATIBLE = SchemaBuilder.record("R").namespace("test").fields().requiredString("a").endRecord();

  @TempDir private static Path dir;
  private static KafkaBroker broker;
  private static RegistryServer server;
  private static AccreteConfig config;
  private static RegistryClient client;

  private final String subject = "interop-" + UUID.randomUUID() + "-value";

  @BeforeAll
  static void start() {
    String url = FOREIGN;
    if (url == null) {
      broker = KafkaBroker.start(dir, 0);
      server = RegistryServer.start(broker.bootstrapServers(), "127.0.0.1", 0);
      url = server.url().toString();
    }
    config = AccreteConfig.of(Map.of(ConfigKeys.REGISTRY_URL, url));
    client = RegistryClient.of(config);
  }

  @AfterAll
  static void stop() {
    client.close();
    if (server != null) {
      server.close();
      broker.close();
    }
  }

  @Test
  void shouldRegisterAndFindSchemas() {
    int id = client.register(subject, V1);
    try (RegistryClient other = RegistryClient.of(config)) { // with nothing in its caches
      assertThat(other.register(subject, V1)).isEqualTo(id);
      assertThat(other.schema(id)).isEqualTo(V1);
      assertThat(other.lookup(subject, V1)).isEqualTo(new RegisteredSchema(subject, 1, id, V1));
      assertThat(other.subjects()).contains(subject);
    }
    int second = client.register(subject, V2);
    assertThat(second).isNotEqualTo(id);
    assertThat(client.versions(subject)).containsExactly(1, 2);
    assertThat(client.latest(subject)).isEqualTo(new RegisteredSchema(subject, 2, second, V2));
    assertThat(client.version(subject, 1).schema()).isEqualTo(V1);
  }

  @Test
  void shouldSayWhatIsUnknown() {
    assertThatExceptionOfType(UnknownSchemaException.class).isThrownBy(() -> client.schema(987_654_321)).satisfies(this::isFourOhFour);
    assertThatExceptionOfType(UnknownSchemaException.class).isThrownBy(() -> client.latest(subject)).satisfies(this::isFourOhFour);
    assertThatExceptionOfType(UnknownSchemaException.class).isThrownBy(() -> client.lookup(subject, V1)).satisfies(this::isFourOhFour);
    client.register(subject, V1);
    assertThatExceptionOfType(UnknownSchemaException.class).isThrownBy(() -> client.lookup(subject, V2)).satisfies(this::isFourOhFour);
    assertThatExceptionOfType(UnknownSchemaException.class).isThrownBy(() -> client.version(subject, 9)).satisfies(this::isFourOhFour);
  }

  @Test
  void shouldRefuseWhatIsIncompatible() {
    client.register(subject, V1);
    client.setCompatibility(subject, "BACKWARD");
    assertThat(client.compatibility(subject)).isEqualTo("BACKWARD");
    assertThat(client.isCompatible(subject, V2)).isTrue();
    assertThat(client.isCompatible(subject, INCOMPATIBLE)).isFalse();
    assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> client.register(subject, INCOMPATIBLE))
        .isExactlyInstanceOf(RegistryException.class);
    client.setCompatibility(subject, "NONE");
    assertThat(client.register(subject, INCOMPATIBLE)).isPositive();
  }

  @Test
  void shouldTakeEveryLevel() {
    client.register(subject, V1);
    for (String level : new String[] {"BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"}) {
      client.setCompatibility(subject, level);
      assertThat(client.compatibility(subject)).isEqualTo(level);
    }
  }

  @Test
  void shouldCarryRecords() {
    String topic = "interop-" + UUID.randomUUID();
    ImageEvent event = ImageEvent.newBuilder().setImageId("front").setOperation(Operation.ADD)
        .setContent(ByteBuffer.wrap(new byte[] {1, 2})).setAttributes(Map.of("k", "é")).build();
    try (Serde<ImageEvent> writer = Serdes.serdeFrom(AvroSerdes.serializer(config), AvroSerdes.deserializer(ImageEvent.class, config));
        Serde<ImageEvent> reader = Serdes.serdeFrom(AvroSerdes.serializer(config), AvroSerdes.deserializer(ImageEvent.class, config))) {
      byte[] bytes = writer.serializer().serialize(topic, event);
      assertThat(client.schema(ByteBuffer.wrap(bytes).getInt(1)).getFullName()).isEqualTo("io.accrete.events.ImageEvent");
      assertThat(reader.deserializer().deserialize(topic, bytes)).isEqualTo(event);
    }
    assertThat(client.versions(topic + "-value")).containsExactly(1);
  }

  @Test
  void shouldHoldTheSchemasOfAllTopics() {
    for (Schema schema : new Schema[] {ImageEvent.getClassSchema(), ObjectEmbedding.getClassSchema()}) {
      int id = client.register(subject + schema.getName(), schema);
      try (RegistryClient other = RegistryClient.of(config)) {
        assertThat(other.schema(id)).isEqualTo(schema);
        assertThat(other.schema(id).getDoc()).isEqualTo(schema.getDoc());
      }
    }
  }

  private void isFourOhFour(UnknownSchemaException e) {
    assertThat(e.errorCode()).isBetween(40401, 40403);
  }
}
