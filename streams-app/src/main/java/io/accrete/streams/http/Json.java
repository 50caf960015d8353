package io.accrete.streams.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** JSON of requests and answers; the forms that several routes share. */
public final class Json {
  static final String TYPE = "application/json";
  private static final ObjectMapper MAPPER = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private Json() {}

  /** Answers with a document. */
  public static void send(Context context, JsonNode json) {
    context.contentType(TYPE).result(text(json));
  }

  /** An empty object, to be filled. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** An empty array, to be filled. */
  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /** A tree of a record, a collection or a map of plain values. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** A tree of a text, or 400. */
  public static JsonNode parse(byte[] text) {
    try {
      JsonNode json = MAPPER.readTree(text);
      if (!json.isMissingNode()) {
        return json;
      }
    } catch (IOException e) {
      // told below
    }
    throw ProblemException.badRequest("The body is not JSON.");
  }

  /** A document as text, in one line. */
  public static String text(JsonNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // trees of plain values have no way to fail
    }
  }

  /** {@code ObjectSummary} of the API's description: an object without its embedding. */
  public static ObjectNode summary(String objectId, ObjectState state) {
    ObjectNode json = MAPPER.createObjectNode()
        .put("objectId", objectId)
        .put("imageCount", state.getImageCount())
        .put("sequence", state.getSequence())
        .put("lastImageId", state.getLastImageId())
        .put("updatedAt", state.getUpdatedAt().toString());
    json.set("attributes", MAPPER.valueToTree(state.getAttributes()));
    return json;
  }

  /** {@code Object} of the API's description. */
  public static ObjectNode object(ObjectView object, boolean withLedger) {
    ObjectNode json = summary(object.objectId(), object.state()).put("modelVersion", object.modelVersion());
    json.set("embedding", vector(object.embedding()));
    if (withLedger) {
      ArrayNode ledger = json.putArray("ledger");
      object.ledger().forEach(entry -> ledger.add(entry(entry)));
    }
    return json;
  }

  /** {@code Vector} of the API's description. */
  public static ArrayNode vector(float[] values) {
    ArrayNode json = MAPPER.createArrayNode();
    for (float value : values) {
      json.add(value);
    }
    return json;
  }

  /** {@code LedgerEntry} of the API's description; a reference without query and fragment, which may hold signatures. */
  public static ObjectNode entry(LedgerEntry entry) {
    ObjectNode json = MAPPER.createObjectNode()
        .put("imageId", entry.getImageId())
        .put("sequence", entry.getSequence())
        .put("sha256", HexFormat.of().formatHex(entry.getSha256().bytes()))
        .put("uri", entry.getUri() == null ? null : entry.getUri().split("[?#]", 2)[0])
        .put("arrivedAt", entry.getTimestamp().toString());
    if (entry.getCapturedAt() != null) {
      json.put("capturedAt", entry.getCapturedAt().toString());
    }
    if (entry.getSource() != null) {
      json.put("source", entry.getSource());
    }
    json.set("attributes", MAPPER.valueToTree(entry.getAttributes()));
    return json;
  }

  static ObjectNode models(List<ModelView> versions, Optional<String> serving) {
    ObjectNode json = MAPPER.createObjectNode().put("serving", serving.orElse(null));
    ArrayNode list = json.putArray("versions");
    versions.forEach(model -> list.add(model(model)));
    return json;
  }

  /** {@code Model} of the API's description. */
  public static ObjectNode model(ModelView model) {
    ObjectNode json = MAPPER.createObjectNode()
        .put("modelVersion", model.version())
        .put("state", model.state().name())
        .put("paused", model.paused())
        .put("since", model.since().toString())
        .put("reason", model.reason())
        .put("coverage", model.coverage())
        .put("unreadable", model.unreadable())
        .put("secondsLeft", model.left().map(Duration::toSeconds).orElse(null))
        .put("parent", model.parent().orElse(null))
        .put("publishedAt", model.publishedAt().toString());
    ObjectNode metrics = json.putObject("metrics");
    model.metrics().entrySet().stream().filter(metric -> Double.isFinite(metric.getValue()))
        .forEach(metric -> metrics.put(metric.getKey(), metric.getValue()));
    json.set("partitions", MAPPER.valueToTree(model.partitions()));
    return json;
  }

  static ObjectNode stats(InstanceStats stats) {
    ObjectNode json = MAPPER.createObjectNode().put("at", stats.at().toString());
    json.set("events", MAPPER.valueToTree(stats.events()));
    return json.put("images", stats.images())
        .put("lag", stats.lag().orElse(null))
        .put("batchMean", stats.batchMean().orElse(null))
        .put("queueSeconds", stats.queueSeconds().orElse(null))
        .put("p50Millis", stats.p50Millis().orElse(null))
        .put("p99Millis", stats.p99Millis().orElse(null))
        .put("ready", stats.ready())
        .put("objects", stats.objects())
        .put("subscribers", stats.subscribers());
  }

  static ObjectNode checks(String status, List<Health.Check> checks) {
    ObjectNode json = MAPPER.createObjectNode().put("status", status);
    json.set("checks", MAPPER.valueToTree(checks));
    return json;
  }

  /** A problem document, RFC 9457. */
  static String problem(ProblemException problem) {
    ObjectNode json = MAPPER.createObjectNode().put("type", "about:blank").put("title", problem.title()).put("status", problem.status())
        .put("detail", problem.getMessage());
    problem.members().forEach((name, value) -> json.set(name, MAPPER.valueToTree(value)));
    return text(json);
  }
}
