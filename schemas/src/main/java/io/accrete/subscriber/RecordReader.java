package io.accrete.subscriber;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.RolloutEvent;
import io.accrete.events.RolloutState;
import io.accrete.serde.AvroSerdeException;
import io.accrete.serde.AvroSerdes;
import io.accrete.topics.Topics;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From records to what they say. Waits for a schema registry that is away; what cannot be read is dealt with as the user wants. */
final class RecordReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RecordReader.class);

  /** @param state null: the version is not known any more */
  record Rollout(String modelVersion, RolloutState state) {}

  /** @param embedding null: the object is gone */
  record Update(String objectId, ObjectEmbedding embedding) {}

  /** Why a record cannot be read. */
  private static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message);
    }
  }

  private final Unreadable unreadable;
  private final Patience patience;
  private final Deserializer<RolloutEvent> rollouts;
  private final Deserializer<ObjectEmbedding> embeddings;

  RecordReader(AccreteConfig config, Unreadable unreadable, Patience patience) {
    this.unreadable = unreadable;
    this.patience = patience;
    this.rollouts = AvroSerdes.deserializer(RolloutEvent.class, config);
    this.embeddings = AvroSerdes.deserializer(ObjectEmbedding.class, config);
  }

  /** A record of the rollouts topic; empty if it is passed over. */
  Optional<Rollout> rollout(ConsumerRecord<String, byte[]> record) {
    try {
      String version = key(record);
      if (!Topics.MODEL_VERSION.matcher(version).matches()) {
        throw new UnreadableException("its key is not a model version: expected 1 to 100 letters, digits, '.', '_' or '-'.");
      }
      RolloutEvent event = value(rollouts, record);
      return Optional.of(new Rollout(version, event == null ? null : event.getState()));
    } catch (UnreadableException e) {
      return passOver(record, e);
    }
  }

  /** A record of an embeddings topic, which holds the vectors of this version only; empty if it is passed over. */
  Optional<Update> update(ConsumerRecord<String, byte[]> record, String modelVersion) {
    try {
      String objectId = key(record);
      ObjectEmbedding embedding = value(embeddings, record);
      if (embedding != null && !embedding.getModelVersion().equals(modelVersion)) {
        throw new UnreadableException("its vector is of model version '" + embedding.getModelVersion() + "'; expected '" + modelVersion
            + "', the only one of its topic.");
      }
      return Optional.of(new Update(objectId, embedding));
    } catch (UnreadableException e) {
      return passOver(record, e);
    }
  }

  private static String key(ConsumerRecord<String, byte[]> record) throws UnreadableException {
    if (record.key() == null) {
      throw new UnreadableException("it has no key.");
    }
    return record.key();
  }

  private <T> T value(Deserializer<T> deserializer, ConsumerRecord<String, byte[]> record) throws UnreadableException {
    while (record.value() != null) {
      try {
        T value = deserializer.deserialize(record.topic(), record.value());
        patience.over();
        return value;
      } catch (RuntimeException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (AvroSerdeException.Reason.of(e) != AvroSerdeException.Reason.REGISTRY_UNAVAILABLE) {
          throw new UnreadableException(message);
        }
        UnavailableException away = new UnavailableException("the schema registry", message, e);
        patience.rest(away);
        if (patience.stopped()) {
          throw away;
        }
      }
    }
    return null;
  }

  private <T> Optional<T> passOver(ConsumerRecord<String, byte[]> record, UnreadableException reason) {
    String message = "The record at offset " + record.offset() + " of " + record.topic() + "-" + record.partition() + " cannot be read: "
        + reason.getMessage();
    if (unreadable == Unreadable.FAIL) {
      throw new SubscriberException(message + " Find out who wrote it; a subscriber with Unreadable.SKIP passes over it.", reason);
    }
    log.warn("{} It is passed over.", message);
    return Optional.empty();
  }

  @Override
  public void close() {
    rollouts.close();
    embeddings.close();
  }
}
