package io.accrete.streams.topology;

import static io.accrete.streams.topology.DeadLetterReason.INVALID_EVENT;
import static io.accrete.streams.topology.DeadLetterReason.UNPARSABLE_KEY;

import io.accrete.events.ImageEvent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;

/** From the bytes of a record to an event that keeps its own rules. */
final class EventParser {
  private final Deserializer<ImageEvent> deserializer;
  private final RegistryPatience registry;

  EventParser(Deserializer<ImageEvent> deserializer, RegistryPatience registry) {
    this.deserializer = deserializer;
    this.registry = registry;
  }

  String objectId(byte[] key) throws RejectedEventException {
    if (key == null || key.length == 0) {
      throw new RejectedEventException(UNPARSABLE_KEY, "The record has no key; expected the object id as UTF-8.");
    }
    if (key.length > EventRules.MAX_ID_BYTES) {
      throw new RejectedEventException(UNPARSABLE_KEY,
          "The key has " + key.length + " bytes; an object id has at most " + EventRules.MAX_ID_BYTES + ".");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException e) {
      throw new RejectedEventException(UNPARSABLE_KEY, "The key is not UTF-8; expected the object id as UTF-8.");
    }
  }

  ImageEvent event(String topic, byte[] value) throws RejectedEventException {
    ImageEvent event = registry.read(() -> deserializer.deserialize(topic, value));
    Optional<String> violation = EventRules.violation(event);
    if (violation.isPresent()) {
      throw new RejectedEventException(INVALID_EVENT, violation.get());
    }
    return event;
  }
}
