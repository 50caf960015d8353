package io.accrete.serde;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.registry.RegistryConfig;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Avro values as the configuration says: instances of the classes it names, our own or Confluent's, configured alike.
 * Close what you get: each has a registry client of its own.
 */
public final class AvroSerdes {
  static {
    GeneratedClasses.trust();
  }

  private AvroSerdes() {}

  /** Serializes values of any generated class. */
  public static <T extends SpecificRecord> Serializer<T> serializer(AccreteConfig config) {
    @SuppressWarnings("unchecked") // Avro serializers take any record
    Serializer<T> serializer = instance(Serializer.class, config, ConfigKeys.SERIALIZER_CLASS);
    serializer.configure(RegistryConfig.properties(config), false);
    return serializer;
  }

  /** Deserializes values, resolving whatever schema they were written with against that of the class. */
  public static <T extends SpecificRecord> Deserializer<T> deserializer(Class<T> type, AccreteConfig config) {
    @SuppressWarnings("unchecked") // the properties name the class to read
    Deserializer<T> deserializer = instance(Deserializer.class, config, ConfigKeys.DESERIALIZER_CLASS);
    Map<String, Object> properties = RegistryConfig.properties(config);
    properties.put(RegistryConfig.SPECIFIC_READER, true);
    properties.put(RegistryConfig.SPECIFIC_VALUE_TYPE, type);
    deserializer.configure(properties, false);
    return deserializer;
  }

  private static <I> I instance(Class<I> kind, AccreteConfig config, String key) {
    String name = config.getString(key);
    try {
      return Class.forName(name).asSubclass(kind).getConstructor().newInstance();
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      throw new ConfigException(key + ": class " + name + " is not on the class path (" + e
          + "). Add its jars, or remove the setting to use " + ConfigKeys.DEFINITION.defaultValues().get(key) + ".");
    } catch (ClassCastException | ReflectiveOperationException e) {
      throw new ConfigException(key + ": class " + name + " is not a Kafka " + kind.getSimpleName()
          + " with a public constructor without arguments.");
    }
  }
}
