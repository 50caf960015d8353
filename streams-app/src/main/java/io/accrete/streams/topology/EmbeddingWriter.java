package io.accrete.streams.topology;

import io.accrete.events.ObjectEmbedding;
import io.accrete.state.Latent;
import io.accrete.state.ObjectState;
import io.accrete.streams.store.Floats;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.apache.kafka.streams.processor.api.Record;

/** From an object's state to the record of its embeddings topic; the header {@value #MODEL_VERSION} says which topic. */
final class EmbeddingWriter {
  static final String MODEL_VERSION = "accrete.model.version";
  private static final Schema VECTOR = ObjectEmbedding.getClassSchema().getField("vector").schema();

  private final Serializer<SpecificRecord> serializer;
  private final RegistryPatience registry;
  private final UnaryOperator<String> topicOfVersion;
  private final Map<String, String> topics = new ConcurrentHashMap<>(); // by version; asked twice for every record

  EmbeddingWriter(Serializer<SpecificRecord> serializer, RegistryPatience registry, UnaryOperator<String> topicOfVersion) {
    this.serializer = serializer;
    this.registry = registry;
    this.topicOfVersion = topicOfVersion;
  }

  /** The embedding of an object under a model version, caused by that event. */
  Record<byte[], byte[]> embedding(Record<byte[], byte[]> cause, ObjectState state, String version) {
    ObjectEmbedding embedding = new ObjectEmbedding(vector(state.getLatents().get(version)), null, version, state.getImageCount(),
        state.getLastImageId(), state.getSequence(), state.getSourcePartition(), state.getSourceOffset(), state.getUpdatedAt(),
        state.getAttributes());
    return record(cause, registry.write(() -> serializer.serialize(topic(version), embedding)), version);
  }

  /** Says that an object is gone under a model version. */
  Record<byte[], byte[]> gone(Record<byte[], byte[]> cause, String version) {
    return record(cause, null, version);
  }

  /** The topic of a record made here. */
  TopicNameExtractor<byte[], byte[]> topics() {
    return (key, value, context) -> topic(new String(context.headers().lastHeader(MODEL_VERSION).value(), StandardCharsets.UTF_8));
  }

  private String topic(String version) {
    return topics.computeIfAbsent(version, topicOfVersion);
  }

  private static Record<byte[], byte[]> record(Record<byte[], byte[]> cause, byte[] value, String version) {
    Headers headers = new RecordHeaders().add(MODEL_VERSION, version.getBytes(StandardCharsets.UTF_8));
    return new Record<>(cause.key(), value, cause.timestamp(), headers);
  }

  private static List<Float> vector(Latent latent) {
    float[] values = Floats.fromBytes(latent.getEmbedding());
    FloatArray vector = new FloatArray(values.length, VECTOR); // which is written without an object for each number
    for (int i = 0; i < values.length; i++) {
      vector.add(i, values[i]);
    }
    return vector;
  }
}
