package io.accrete.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.SerializationSchema;

/**
 * A record for the topic of embeddings; its timestamp is that of the event, as Flink hands it on.
 *
 * @param value an {@code ObjectEmbedding} in wire format
 */
public record Publication(String objectId, byte[] value) {
  /** The bytes of the key. Flink wants a class: of a lambda it cannot tell the types. */
  static final class Keys implements SerializationSchema<Publication> {
    @Override
    public byte[] serialize(Publication publication) {
      return publication.objectId().getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The bytes of the value. */
  static final class Values implements SerializationSchema<Publication> {
    @Override
    public byte[] serialize(Publication publication) {
      return publication.value();
    }
  }
}
