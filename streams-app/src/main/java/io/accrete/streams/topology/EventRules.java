package io.accrete.streams.topology;

import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** What image events must keep to, whoever writes them; what breaks these rules goes to the dead letters. */
public final class EventRules {
  /** Longest id of an object or an image, in bytes of UTF-8. */
  public static final int MAX_ID_BYTES = 1024;
  private static final int MAX_URI_CHARS = 8192;
  private static final int MAX_SOURCE_CHARS = 1024;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private EventRules() {}

  /** Which rule an event breaks, for a person; empty: none. */
  public static Optional<String> violation(ImageEvent event) {
    String imageId = event.getImageId();
    if (imageId.isEmpty()) {
      return Optional.of("The image id is empty.");
    }
    if (imageId.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
      return Optional.of("The image id is longer than " + MAX_ID_BYTES + " bytes.");
    }
    if (event.getSource() != null && event.getSource().length() > MAX_SOURCE_CHARS) {
      return Optional.of("The source is longer than " + MAX_SOURCE_CHARS + " characters.");
    }
    if (Attributes.chars(event.getAttributes()) > Attributes.MAX_EVENT_CHARS) {
      return Optional.of("The attributes are longer than " + Attributes.MAX_EVENT_CHARS + " characters in all.");
    }
    return event.getOperation() == Operation.ADD ? violation(event.getContent()) : Optional.empty();
  }

  private static Optional<String> violation(Object content) {
    if (content == null) {
      return Optional.of("An event that adds an image needs its content, by value or by reference; this one has none.");
    }
    if (content instanceof ContentReference reference) {
      if (reference.getUri().length() > MAX_URI_CHARS) {
        return Optional.of("The reference is longer than " + MAX_URI_CHARS + " characters.");
      }
      if (reference.getSha256() != null && !SHA256.matcher(reference.getSha256()).matches()) {
        return Optional.of("The sha256 of the reference is not 64 lower-case hexadecimal digits.");
      }
    }
    return Optional.empty();
  }
}
