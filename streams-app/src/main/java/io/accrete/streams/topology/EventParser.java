package io.accrete.streams.topology;

import static io.accrete.streams.topology.DeadLetterReason.INVALID_EVENT;
import static io.accrete.streams.topology.DeadLetterReason.UNPARSABLE_KEY;

import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Deserializer;

/** From the bytes of a record to an event that keeps its own rules. */
final class EventParser {
  static final int MAX_ID_BYTES = 1024;
  private static final int MAX_URI_CHARS = 8192;
  private static final int MAX_SOURCE_CHARS = 1024;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

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
    if (key.length > MAX_ID_BYTES) {
      throw new RejectedEventException(UNPARSABLE_KEY, "The key has " + key.length + " bytes; an object id has at most " + MAX_ID_BYTES
          + ".");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException e) {
      throw new RejectedEventException(UNPARSABLE_KEY, "The key is not UTF-8; expected the object id as UTF-8.");
    }
  }

  ImageEvent event(String topic, byte[] value) throws RejectedEventException {
    ImageEvent event = registry.read(() -> deserializer.deserialize(topic, value));
    String imageId = event.getImageId();
    check(!imageId.isEmpty(), "The image id is empty.");
    check(imageId.getBytes(StandardCharsets.UTF_8).length <= MAX_ID_BYTES, "The image id is longer than " + MAX_ID_BYTES + " bytes.");
    check(event.getSource() == null || event.getSource().length() <= MAX_SOURCE_CHARS,
        "The source is longer than " + MAX_SOURCE_CHARS + " characters.");
    check(Attributes.chars(event.getAttributes()) <= Attributes.MAX_EVENT_CHARS,
        "The attributes are longer than " + Attributes.MAX_EVENT_CHARS + " characters in all.");
    if (event.getOperation() == Operation.ADD) {
      check(event.getContent() != null, "An event that adds an image needs its content, by value or by reference; this one has none.");
      if (event.getContent() instanceof ContentReference reference) {
        check(reference.getUri().length() <= MAX_URI_CHARS, "The reference is longer than " + MAX_URI_CHARS + " characters.");
        check(reference.getSha256() == null || SHA256.matcher(reference.getSha256()).matches(),
            "The sha256 of the reference is not 64 lower-case hexadecimal digits.");
      }
    }
    return event;
  }

  private static void check(boolean ok, String message) throws RejectedEventException {
    if (!ok) {
      throw new RejectedEventException(INVALID_EVENT, message);
    }
  }
}
