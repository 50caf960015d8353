package io.accrete.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The small JSON files of a bundle, read with a size limit and written with one form of line ending on every system. */
final class Json {
  static final JsonMapper MAPPER = JsonMapper.builder()
      .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();

  private static final long MAX_BYTES = 4 << 20;

  private Json() {}

  static JsonNode read(Path file) {
    JsonNode json = read(file, JsonNode.class);
    if (!json.isObject()) {
      throw new BundleException(file + " must hold a JSON object; found " + json.getNodeType().name().toLowerCase(Locale.ROOT) + ".");
    }
    return json;
  }

  static <T> T read(Path file, Class<T> type) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new BundleException(file + " is too large: expected at most " + MAX_BYTES + " bytes, found " + Files.size(file) + ".");
      }
      return parse(Files.readAllBytes(file), file.toString(), type);
    } catch (IOException e) {
      throw new BundleException("Cannot read " + file + ": " + (Files.exists(file) ? e.getMessage() : "the file does not exist."), e);
    }
  }

  static <T> T parse(byte[] json, String name, Class<T> type) {
    try {
      T value = MAPPER.readValue(json, type);
      if (value == null) {
        throw new BundleException(name + " must hold a JSON object; found null.");
      }
      return value;
    } catch (JsonProcessingException e) {
      if (e.getCause() instanceof BundleException refused) { // by a constructor, in its own words
        throw new BundleException(name + ": " + refused.getMessage(), e);
      }
      throw new BundleException(name + " is not valid: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new BundleException("Cannot read " + name + ": " + e.getMessage(), e);
    }
  }

  static void write(Object value, Path file) {
    try {
      String text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value).replace("\r\n", "\n");
      Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new BundleException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
