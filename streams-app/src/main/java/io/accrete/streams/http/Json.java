package io.accrete.streams.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The bodies of the API's answers. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static String object(ObjectView object, boolean withLedger) {
    ObjectState state = object.state();
    ObjectNode json = MAPPER.createObjectNode()
        .put("objectId", object.objectId())
        .put("modelVersion", object.modelVersion())
        .put("imageCount", state.getImageCount())
        .put("sequence", state.getSequence())
        .put("lastImageId", state.getLastImageId())
        .put("updatedAt", state.getUpdatedAt().toString());
    json.set("attributes", MAPPER.valueToTree(state.getAttributes()));
    ArrayNode embedding = json.putArray("embedding");
    for (float value : object.embedding()) {
      embedding.add(value);
    }
    if (withLedger) {
      ArrayNode ledger = json.putArray("ledger");
      object.ledger().forEach(entry -> ledger.add(entry(entry)));
    }
    return text(json);
  }

  private static ObjectNode entry(LedgerEntry entry) {
    return MAPPER.createObjectNode()
        .put("imageId", entry.getImageId())
        .put("sequence", entry.getSequence())
        .put("sha256", HexFormat.of().formatHex(entry.getSha256().bytes()))
        .put("uri", entry.getUri());
  }

  static String models(List<ModelView> versions, Optional<String> serving) {
    ObjectNode json = MAPPER.createObjectNode().put("serving", serving.orElse(null));
    ArrayNode list = json.putArray("versions");
    versions.forEach(model -> list.add(model(model)));
    return text(json);
  }

  private static ObjectNode model(ModelView model) {
    ObjectNode json = MAPPER.createObjectNode()
        .put("modelVersion", model.version())
        .put("state", model.state().name())
        .put("paused", model.paused())
        .put("since", model.since().toString())
        .put("reason", model.reason())
        .put("coverage", model.coverage())
        .put("unreadable", model.unreadable())
        .put("secondsLeft", model.left().map(Duration::toSeconds).orElse(null));
    json.set("partitions", MAPPER.valueToTree(model.partitions()));
    return json;
  }

  static String checks(String status, List<Health.Check> checks) {
    ObjectNode json = MAPPER.createObjectNode().put("status", status);
    json.set("checks", MAPPER.valueToTree(checks));
    return text(json);
  }

  /** A problem document, RFC 9457. */
  static String problem(int status, String title, String detail) {
    return text(MAPPER.createObjectNode().put("type", "about:blank").put("title", title).put("status", status).put("detail", detail));
  }

  private static String text(ObjectNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // trees of plain values have no way to fail
    }
  }
}
