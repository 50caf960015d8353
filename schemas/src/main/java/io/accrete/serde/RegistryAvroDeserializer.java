package io.accrete.serde;

import static io.accrete.serde.AvroSerdeException.Reason.REGISTRY_UNAVAILABLE;
import static io.accrete.serde.AvroSerdeException.Reason.UNDECODABLE;
import static io.accrete.serde.AvroSerdeException.Reason.UNKNOWN_SCHEMA;

import io.accrete.registry.RegistryClient;
import io.accrete.registry.RegistryConfig;
import io.accrete.registry.RegistryException;
import io.accrete.registry.RegistryUnavailableException;
import io.accrete.registry.UnknownSchemaException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads Avro records in the Confluent wire format. Configured by the keys of {@link RegistryConfig}: with
 * {@code specific.avro.reader} it resolves the writer's schema against that of the generated class named by
 * {@code specific.avro.value.type} (or {@code .key.type}), else it yields generic records in the writer's schema.
 * Null passes as null. Throws {@link AvroSerdeException}.
 */
public final class RegistryAvroDeserializer implements Deserializer<IndexedRecord> {
  private final Map<Integer, DatumReader<IndexedRecord>> readers = new ConcurrentHashMap<>();
  private RegistryClient registry;
  private Class<? extends SpecificRecord> type; // null: generic records

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    RegistryConfig config = new RegistryConfig(configs);
    GeneratedClasses.trust();
    type = config.getBoolean(RegistryConfig.SPECIFIC_READER)
        ? specificType(config, isKey ? RegistryConfig.SPECIFIC_KEY_TYPE : RegistryConfig.SPECIFIC_VALUE_TYPE)
        : null;
    registry = new RegistryClient(config); // last: nobody closes a deserializer whose configuration failed
  }

  @Override
  public IndexedRecord deserialize(String topic, byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    int id = WireFormat.id(topic, bytes);
    DatumReader<IndexedRecord> reader = reader(topic, id);
    try {
      // Over a byte array Avro checks each declared length against what is left before it allocates.
      return reader.read(null,
          DecoderFactory.get().binaryDecoder(bytes, WireFormat.HEADER_BYTES, bytes.length - WireFormat.HEADER_BYTES, null));
    } catch (IOException | RuntimeException | StackOverflowError e) { // the last by a recursive writer's schema
      throw new AvroSerdeException(UNDECODABLE, "The record in topic '" + topic + "' does not decode by its schema (id " + id + "): "
          + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    if (registry != null) {
      registry.close();
    }
  }

  private DatumReader<IndexedRecord> reader(String topic, int id) {
    DatumReader<IndexedRecord> known = readers.get(id);
    if (known != null) {
      return known;
    }
    DatumReader<IndexedRecord> reader = reader(topic, id, schema(topic, id));
    readers.put(id, reader);
    return reader;
  }

  private Schema schema(String topic, int id) {
    try {
      return registry.schema(id);
    } catch (RegistryUnavailableException e) {
      throw new AvroSerdeException(REGISTRY_UNAVAILABLE, e.getMessage(), e);
    } catch (UnknownSchemaException e) {
      throw new AvroSerdeException(UNKNOWN_SCHEMA, "The record in topic '" + topic + "' names schema id " + id
          + ", which the schema registry does not know. Was it written with another registry?", e);
    } catch (RegistryException e) {
      throw new AvroSerdeException(UNDECODABLE, e.getMessage(), e);
    }
  }

  private DatumReader<IndexedRecord> reader(String topic, int id, Schema writer) {
    if (writer.getType() != Schema.Type.RECORD) {
      throw new AvroSerdeException(UNDECODABLE, "The record in topic '" + topic + "' has schema id " + id + ", which is of type "
          + writer.getType().getName() + "; expected a record.", null);
    }
    if (type == null) {
      return new GenericDatumReader<>(writer);
    }
    SpecificData data = SpecificData.getForClass(type);
    return new SpecificDatumReader<>(writer, data.getSchema(type), data);
  }

  /** The class is never taken from the writer's schema: that would let whoever writes choose which class we load. */
  private static Class<? extends SpecificRecord> specificType(RegistryConfig config, String key) {
    Class<?> type = config.getClass(key);
    if (type == null || !SpecificRecord.class.isAssignableFrom(type)) {
      throw new ConfigException("With " + RegistryConfig.SPECIFIC_READER + "=true set " + key
          + " to the generated Avro class to read; found " + (type == null ? "nothing" : type.getName()) + ".");
    }
    return type.asSubclass(SpecificRecord.class);
  }
}
