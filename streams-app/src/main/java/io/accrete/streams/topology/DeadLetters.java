package io.accrete.streams.topology;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Turns a rejected event into its dead letter: key, value, headers and timestamp as they came, and headers that say why, where and when.
 *
 * <p>What would not fit into a record of the dead-letter topic is left out and named in {@value #OMITTED}; it still lies at the source.
 */
public final class DeadLetters {
  public static final String PREFIX = "accrete.error.";
  /** A {@link DeadLetterReason}. */
  public static final String REASON = PREFIX + "reason";
  /** One sentence for a person. */
  public static final String MESSAGE = PREFIX + "message";
  public static final String TOPIC = PREFIX + "topic";
  public static final String PARTITION = PREFIX + "partition";
  public static final String OFFSET = PREFIX + "offset";
  /** Milliseconds since 1970. */
  public static final String TIMESTAMP = PREFIX + "timestamp";
  public static final String APPLICATION_ID = PREFIX + "application.id";
  /** Present if parts were too large to be kept: their names and sizes in bytes. */
  public static final String OMITTED = PREFIX + "omitted";

  private static final int MAX_MESSAGE_CHARS = 1000;
  private static final int OWN_HEADERS_BYTES = 16 * 1024;
  private static final int HEADER_FRAMING_BYTES = 10;

  private final String applicationId;
  private final int maxBytes;

  /** Dead letters of at most that many bytes. */
  DeadLetters(String applicationId, int maxBytes) {
    this.applicationId = applicationId;
    this.maxBytes = maxBytes - OWN_HEADERS_BYTES;
  }

  Record<byte[], byte[]> of(Record<byte[], byte[]> event, Origin origin, RejectedEventException why) {
    Headers headers = new RecordHeaders();
    event.headers().forEach(header -> {
      if (!header.key().startsWith(PREFIX)) { // a dead letter that was sent again and failed again
        headers.add(header);
      }
    });
    Record<byte[], byte[]> letter = new Record<>(event.key(), event.value(), event.timestamp(), headers);
    List<String> omitted = new ArrayList<>();
    if (size(letter) > maxBytes && letter.value() != null) {
      omitted.add("value (" + size(letter.value()) + " bytes)");
      letter = letter.withValue(new byte[0]);
    }
    if (size(letter) > maxBytes) {
      omitted.add("headers (" + size(letter.headers()) + " bytes)");
      letter = letter.withHeaders(new RecordHeaders());
    }
    if (size(letter) > maxBytes) {
      omitted.add("key (" + size(letter.key()) + " bytes)");
      letter = letter.withKey(new byte[0]);
    }
    add(letter, REASON, why.reason().name());
    add(letter, MESSAGE, abbreviate(why.getMessage()));
    add(letter, TOPIC, origin.topic());
    add(letter, PARTITION, Integer.toString(origin.partition()));
    add(letter, OFFSET, Long.toString(origin.offset()));
    add(letter, TIMESTAMP, Long.toString(origin.timestamp().toEpochMilli()));
    add(letter, APPLICATION_ID, applicationId);
    if (!omitted.isEmpty()) {
      add(letter, OMITTED, String.join(", ", omitted));
    }
    return letter;
  }

  private static String abbreviate(String message) {
    return message.length() <= MAX_MESSAGE_CHARS ? message : message.substring(0, MAX_MESSAGE_CHARS) + "…";
  }

  private static void add(Record<byte[], byte[]> letter, String name, String value) {
    letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static long size(Record<byte[], byte[]> letter) {
    return (long) size(letter.key()) + size(letter.value()) + size(letter.headers());
  }

  private static long size(Headers headers) {
    long bytes = 0;
    for (Header header : headers) {
      bytes += header.key().getBytes(StandardCharsets.UTF_8).length + (long) size(header.value()) + HEADER_FRAMING_BYTES;
    }
    return bytes;
  }

  private static int size(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
