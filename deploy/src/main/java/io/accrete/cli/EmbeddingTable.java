package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Deserializer;

/** The newest embedding of every object, from one embeddings topic; only what was committed. Not for several threads. */
final class EmbeddingTable implements AutoCloseable {
  private final CommittedTopic<ObjectEmbedding> topic;
  private final Map<String, ObjectEmbedding> latest = new TreeMap<>();

  /** Opens the topic, which must exist, and takes nothing in yet. */
  EmbeddingTable(AccreteConfig config, String topic, Deserializer<ObjectEmbedding> deserializer) {
    this.topic = new CommittedTopic<>(config, topic, deserializer);
  }

  /** Takes in everything that is committed now; {@code onEmbedding} gets each new embedding in turn. */
  void catchUp(Consumer<ObjectEmbedding> onEmbedding) {
    topic.catchUp(changed -> {
      if (changed.value() == null) {
        latest.remove(changed.key());
      } else {
        latest.put(changed.key(), changed.value());
        onEmbedding.accept(changed.value());
      }
    });
  }

  /** Object id to embedding, in order of object id; a live view. */
  Map<String, ObjectEmbedding> latest() {
    return latest;
  }

  @Override
  public void close() {
    topic.close();
  }
}
