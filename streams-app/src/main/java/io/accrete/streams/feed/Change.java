package io.accrete.streams.feed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.accrete.events.ObjectEmbedding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An update of an object as it is sent, made once for all clients.
 *
 * @param offset behind the update
 * @param whole JSON, in one line
 * @param brief the same without the embedding
 */
record Change(String type, String objectId, int partition, long offset, byte[] whole, byte[] brief) {
  private static final JsonFactory JSON = new JsonFactory();
  static final byte[] NOTHING = "{}".getBytes(StandardCharsets.UTF_8);
  private static final int OVERHEAD = 128; // of the objects that hold it

  static Change embedding(String objectId, ObjectEmbedding embedding, int partition, long offset) {
    byte[] brief = json(objectId, embedding, false);
    return new Change("embedding", objectId, partition, offset, json(objectId, embedding, true), brief);
  }

  static Change gone(String objectId, int partition, long offset) {
    byte[] json = json(objectId, null, false);
    return new Change("gone", objectId, partition, offset, json, json);
  }

  byte[] json(boolean vectors) {
    return vectors ? whole : brief;
  }

  int bytes() {
    return whole.length + brief.length + 2 * objectId.length() + OVERHEAD;
  }

  /** What a space event says. */
  static byte[] space(String modelVersion, boolean reset) {
    return ("{\"modelVersion\":\"" + modelVersion + "\",\"reset\":" + reset + "}").getBytes(StandardCharsets.UTF_8); // needs no escapes
  }

  private static byte[] json(String objectId, ObjectEmbedding embedding, boolean vector) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(vector ? 4096 : 256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("objectId", objectId);
      if (embedding == null) {
        json.writeBooleanField("gone", true);
      } else {
        write(json, embedding, vector);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, ObjectEmbedding embedding, boolean vector) throws IOException {
    json.writeStringField("modelVersion", embedding.getModelVersion());
    json.writeNumberField("imageCount", embedding.getImageCount());
    json.writeNumberField("sequence", embedding.getSequence());
    json.writeStringField("lastImageId", embedding.getLastImageId());
    json.writeStringField("updatedAt", embedding.getUpdatedAt().toString());
    json.writeObjectFieldStart("attributes");
    for (Map.Entry<String, String> attribute : embedding.getAttributes().entrySet()) {
      json.writeStringField(attribute.getKey(), attribute.getValue());
    }
    json.writeEndObject();
    if (vector) {
      json.writeArrayFieldStart("embedding");
      for (Float value : embedding.getVector()) {
        json.writeNumber(value.floatValue());
      }
      json.writeEndArray();
    }
  }
}
