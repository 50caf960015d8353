package io.accrete.streams.topology;

import io.accrete.events.ImageEvent;
import io.accrete.image.ImageException;
import io.accrete.streams.ahead.AheadMetrics;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * An image event whose turn has come. What was done ahead is used, and waited for a while if it is under way; all else is done when it is
 * asked for. Either way the answers are the same, and so are the rejections.
 */
final class Arrival {
  private final TopologyParts parts;
  private final Optional<AheadImage> ahead;
  private final Optional<AheadImage.Read> read;
  private final long deadline;
  private final ImageEvent event;

  /** The event of this record, of which something may have been done ahead. */
  Arrival(byte[] value, Origin origin, Optional<AheadImage> ahead, TopologyParts parts) throws RejectedEventException {
    this.parts = parts;
    this.ahead = ahead;
    deadline = parts.waitsUntil();
    read = ahead.isPresent() ? AheadImage.done(ahead.get().read(), deadline, RejectedEventException.class) : Optional.empty();
    event = read.isPresent() ? read.get().event() : parts.parser().event(origin.topic(), value);
  }

  ImageEvent event() {
    return event;
  }

  /** The content of an event that adds an image. */
  Content content() throws RejectedEventException {
    return read.isPresent() ? read.get().content() : parts.contents().of(event);
  }

  /** The image's tokens by this encoder, if they were computed ahead. */
  Optional<float[]> tokens(byte[] encoderHash) throws ImageException {
    CompletableFuture<float[]> coming = ahead.map(image -> image.tokens(ByteBuffer.wrap(encoderHash))).orElse(null);
    Optional<float[]> tokens = coming == null ? Optional.empty() : AheadImage.done(coming, deadline, ImageException.class);
    AheadMetrics metrics = parts.ahead().metrics();
    (tokens.isPresent() ? metrics.hits() : metrics.misses()).increment();
    return tokens;
  }
}
