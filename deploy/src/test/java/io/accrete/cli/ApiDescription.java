package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * The description of the API, against which answers are held: operation, status, media type, headers and every member of every document.
 * It remembers which statuses of which operations were seen.
 */
final class ApiDescription {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");

  private final JsonNode root;
  private final Map<String, JsonNode> operations = new TreeMap<>(); // by "METHOD path"
  private final Map<String, Set<Integer>> unseen = new TreeMap<>(); // by id of the operation
  private final SchemaRegistry schemas = SchemaRegistry.withDialect(Dialects.getDraft202012(), builder ->
      builder.schemaRegistryConfig(SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  ApiDescription(String yaml) throws IOException {
    root = new YAMLMapper().readTree(yaml);
    Set<String> parts = new TreeSet<>();
    root.findValues("allOf").forEach(all -> all.findValuesAsText("$ref").forEach(parts::add));
    root.at("/components/schemas").properties()
        .forEach(schema -> strict(schema.getValue(), parts.contains("#/components/schemas/" + schema.getKey())));
    for (Map.Entry<String, JsonNode> path : root.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          operations.put(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), method.getValue());
          Set<Integer> statuses = new TreeSet<>();
          method.getValue().get("responses").fieldNames().forEachRemaining(status -> statuses.add(Integer.valueOf(status)));
          assertThat(unseen.put(id(method.getValue()), statuses)).as("operations of one id").isNull();
        }
      }
    }
  }

  /** Members that are not described are not allowed: of every object schema that is no part of another. */
  private static void strict(JsonNode schema, boolean part) {
    if (schema instanceof ObjectNode object && !part && !object.has("additionalProperties")
        && (object.has("allOf") || object.path("properties").isObject() && object.has("type") || object.path("$ref").isTextual())) {
      object.put("unevaluatedProperties", false);
    }
    for (Map.Entry<String, JsonNode> member : schema.properties()) {
      boolean inner = member.getKey().equals("allOf");
      if (inner) {
        member.getValue().forEach(each -> strict(each, true));
      } else {
        strict(member.getValue(), false);
      }
    }
  }

  private static String id(JsonNode operation) {
    return operation.get("operationId").textValue();
  }

  /** Every operation, as "METHOD path". */
  Set<String> operations() {
    return operations.keySet();
  }

  /** The statuses that were described and never answered with, by operation. */
  Map<String, Set<Integer>> unseen() {
    Map<String, Set<Integer>> left = new TreeMap<>(unseen);
    left.values().removeIf(Set::isEmpty);
    return left;
  }

  /** The ids of the operations for which a test holds. */
  List<String> where(BiPredicate<String, JsonNode> test) {
    List<String> ids = new ArrayList<>();
    operations.forEach((operation, described) -> {
      if (test.test(operation, described)) {
        ids.add(id(described));
      }
    });
    return ids;
  }

  /** Holds a document against a schema of the description. */
  void check(String schema, JsonNode document) {
    assertThat(schema(JSON.createObjectNode().put("$ref", "#/components/schemas/" + schema)).validate(document))
        .as(schema + ": " + document).isEmpty();
  }

  private Schema schema(JsonNode schema) {
    ObjectNode wrapped = JSON.createObjectNode();
    wrapped.setAll((ObjectNode) schema);
    wrapped.put("unevaluatedProperties", false);
    wrapped.set("components", root.get("components"));
    return schemas.getSchema(wrapped);
  }

  /** Holds an answer against what is described, and remembers it. */
  void check(HttpResponse<byte[]> answer) throws IOException {
    check(answer, answer.body());
  }

  /** The same of an answer whose body is read otherwise. */
  void check(HttpResponse<?> answer, byte[] body) throws IOException {
    String path = answer.request().uri().getRawPath();
    String request = answer.request().method() + " " + path;
    String operation = operations.keySet().stream().filter(each -> Pattern.matches(each.replaceAll("\\{[^}]+}", "[^/]+"), request))
        .findFirst().orElseThrow(() -> new AssertionError(request + " is not described"));
    JsonNode described = operations.get(operation);
    String about = answer.request().method() + " " + answer.request().uri() + " (" + id(described) + "): " + answer.statusCode();
    JsonNode response = resolved(described.get("responses").path(Integer.toString(answer.statusCode())));
    assertThat(response.isMissingNode()).as(about + " is not described: " + text(body)).isFalse();
    response.path("headers").fieldNames().forEachRemaining(name ->
        assertThat(answer.headers().firstValue(name)).as(about + ": " + name).isPresent());
    unseen.get(id(described)).remove(answer.statusCode());
    if (!response.has("content")) {
      assertThat(body).as(about).isEmpty();
      return;
    }
    String type = answer.headers().firstValue("Content-Type").orElse("").split(";")[0];
    JsonNode content = content(response.path("content"), type);
    assertThat(content.isMissingNode()).as(about + ": media type " + type).isFalse();
    if (type.endsWith("json")) {
      assertThat(schema(content.get("schema")).validate(JSON.readTree(body))).as(about + ": " + text(body)).isEmpty();
    }
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? root.at(node.get("$ref").textValue().substring(1)) : node;
  }

  private static JsonNode content(JsonNode types, String type) {
    for (Map.Entry<String, JsonNode> each : types.properties()) {
      if (each.getKey().equals(type) || each.getKey().endsWith("/*") && type.startsWith(each.getKey().replace("*", ""))) {
        return each.getValue();
      }
    }
    return JSON.missingNode();
  }

  private static String text(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    return text.length() > 1000 ? text.substring(0, 1000) : text;
  }
}
