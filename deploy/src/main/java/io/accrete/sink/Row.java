package io.accrete.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.accrete.events.ObjectEmbedding;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;

/** An object's row. PostgreSQL's text has no NUL: in what describes an object it becomes a replacement character. */
record Row(String objectId, ObjectEmbedding value) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static boolean canHold(String objectId) {
    return objectId.indexOf('\0') < 0;
  }

  void set(PreparedStatement statement, EmbeddingColumn column) throws SQLException {
    statement.setString(1, objectId);
    statement.setString(2, value.getModelVersion());
    statement.setInt(3, value.getImageCount());
    statement.setLong(4, value.getSequence());
    statement.setString(5, text(value.getLastImageId()));
    statement.setObject(6, value.getUpdatedAt().atOffset(ZoneOffset.UTC));
    statement.setString(7, json(value.getAttributes()));
    statement.setString(8, column.literal(value.getVector()));
  }

  private static String json(Map<String, String> attributes) {
    Map<String, String> texts = new TreeMap<>();
    attributes.forEach((name, each) -> texts.put(text(name), text(each)));
    try {
      return JSON.writeValueAsString(texts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(String any) {
    return any.replace('\0', '\uFFFD');
  }
}
