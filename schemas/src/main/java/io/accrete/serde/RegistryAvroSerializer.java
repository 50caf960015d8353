package io.accrete.serde;

import static io.accrete.serde.AvroSerdeException.Reason.REGISTRY_UNAVAILABLE;
import static io.accrete.serde.AvroSerdeException.Reason.SCHEMA_REFUSED;
import static io.accrete.serde.AvroSerdeException.Reason.UNENCODABLE;

import io.accrete.registry.RegistryClient;
import io.accrete.registry.RegistryConfig;
import io.accrete.registry.RegistryException;
import io.accrete.registry.RegistryUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes Avro records in the Confluent wire format, under the subject {@code <topic>-value} or {@code <topic>-key}.
 * Configured by the keys of {@link RegistryConfig}. Null passes as null. Throws {@link AvroSerdeException}.
 */
public final class RegistryAvroSerializer implements Serializer<IndexedRecord> {
  private final Map<Schema, Schema> plain = new ConcurrentHashMap<>();
  private RegistryClient registry;
  private boolean register;
  private boolean isKey;

  @Override
  public void configure(Map<String, ?> configs, boolean key) {
    RegistryConfig config = new RegistryConfig(configs);
    registry = new RegistryClient(config);
    register = config.getBoolean(RegistryConfig.AUTO_REGISTER);
    isKey = key;
  }

  @Override
  public byte[] serialize(String topic, IndexedRecord value) {
    if (value == null) {
      return null;
    }
    int id = id(Subjects.of(topic, isKey), value.getSchema());
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(WireFormat.header(id));
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      writer(value).write(value, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException | RuntimeException e) {
      throw new AvroSerdeException(UNENCODABLE, "A record for topic '" + topic + "' does not fit its schema "
          + value.getSchema().getFullName() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (registry != null) {
      registry.close();
    }
  }

  private int id(String subject, Schema schema) {
    Schema plainSchema = plain.computeIfAbsent(schema, JavaProperties::without);
    try {
      return register ? registry.register(subject, plainSchema) : registry.id(subject, plainSchema);
    } catch (RegistryUnavailableException e) {
      throw new AvroSerdeException(REGISTRY_UNAVAILABLE, e.getMessage(), e);
    } catch (RegistryException e) {
      throw new AvroSerdeException(SCHEMA_REFUSED, "Schema " + schema.getFullName() + " cannot be used under subject '" + subject + "': "
          + e.getMessage(), e);
    }
  }

  private static DatumWriter<IndexedRecord> writer(IndexedRecord value) {
    return value instanceof SpecificRecord
        ? new FloatsWriter<>(value.getSchema(), SpecificData.getForClass(value.getClass()))
        : new GenericDatumWriter<>(value.getSchema(), GenericData.get());
  }
}
