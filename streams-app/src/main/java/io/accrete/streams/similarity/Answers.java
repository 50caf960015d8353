package io.accrete.streams.similarity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.streams.http.Json;
import io.accrete.streams.http.ProblemException;
import io.accrete.streams.store.Floats;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The JSON of lists, searches and maps, as instances write it, and read it from each other. */
final class Answers {
  private Answers() {}

  static ObjectNode list(String version, long total, List<ObjectSummary> objects) {
    ObjectNode json = Json.object().put("modelVersion", version).put("total", total);
    ArrayNode list = json.putArray("objects");
    objects.forEach(object -> list.add(summary(object)));
    return json;
  }

  static ObjectNode neighbours(String version, List<Neighbour> neighbours) {
    ObjectNode json = Json.object().put("modelVersion", version);
    ArrayNode list = json.putArray("neighbours");
    neighbours.forEach(near -> list.add(summary(near.object()).put("score", near.score())));
    return json;
  }

  static ObjectNode map(String version, long total, List<Sampled> sample, Optional<Plane> plane) {
    ObjectNode json = Json.object().put("modelVersion", version).put("total", total);
    ArrayNode mean = json.putArray("mean");
    ArrayNode axes = json.putArray("axes");
    ArrayNode points = json.putArray("points");
    for (int axis = 0; axis < 2; axis++) {
      ArrayNode values = axes.addArray();
      int number = axis;
      plane.ifPresent(of -> add(values, of.axes()[number]));
    }
    plane.ifPresent(of -> {
      add(mean, of.mean());
      for (Sampled object : sample) {
        double[] place = of.place(object.embedding());
        points.addObject().put("objectId", object.objectId()).put("lastImageId", object.lastImageId()).put("x", (float) place[0])
            .put("y", (float) place[1]);
      }
    });
    return json;
  }

  private static void add(ArrayNode json, double[] values) {
    for (double value : values) {
      json.add((float) value);
    }
  }

  static ObjectNode sample(String version, Found<Sampled> found) {
    ObjectNode json = Json.object().put("modelVersion", version);
    ArrayNode sample = json.putArray("sample");
    for (Sampled object : found.found()) {
      sample.addObject().put("objectId", object.objectId()).put("lastImageId", object.lastImageId())
          .put("embedding", Base64.getEncoder().encodeToString(Floats.toBytes(object.embedding()).array()));
    }
    return json;
  }

  static Sampled sampled(JsonNode json) {
    float[] embedding = Floats.fromBytes(ByteBuffer.wrap(Base64.getDecoder().decode(json.required("embedding").textValue())));
    return new Sampled(json.required("objectId").textValue(), json.required("lastImageId").textValue(), embedding);
  }

  /** Adds what an instance that asks wants to know. */
  static ObjectNode partitions(ObjectNode json, Found<?> found) {
    json.put("total", found.total());
    ArrayNode partitions = json.putArray("partitions");
    found.partitions().forEach(partitions::add);
    return json;
  }

  private static ObjectNode summary(ObjectSummary object) {
    ObjectNode json = Json.object()
        .put("objectId", object.objectId())
        .put("imageCount", object.imageCount())
        .put("sequence", object.sequence())
        .put("lastImageId", object.lastImageId())
        .put("updatedAt", object.updatedAt().toString());
    json.set("attributes", Json.tree(object.attributes()));
    return json;
  }

  static ObjectSummary summary(JsonNode json) {
    Map<String, String> attributes = new HashMap<>();
    json.required("attributes").forEachEntry((name, value) -> attributes.put(name, value.textValue()));
    return new ObjectSummary(json.required("objectId").textValue(), json.required("imageCount").intValue(),
        json.required("sequence").longValue(), json.required("lastImageId").textValue(),
        Instant.parse(json.required("updatedAt").textValue()), Map.copyOf(attributes));
  }

  static Neighbour neighbour(JsonNode json) {
    return new Neighbour(summary(json), json.required("score").floatValue());
  }

  static <T> List<T> read(JsonNode list, Function<JsonNode, T> element) {
    List<T> all = new ArrayList<>();
    list.forEach(json -> all.add(element.apply(json)));
    return all;
  }

  /** A search as the body of a request. */
  static byte[] query(Search search) {
    ObjectNode json = Json.object();
    json.set("vector", Json.vector(search.vector()));
    search.exclude().ifPresent(id -> json.put("exclude", id));
    return Json.text(json).getBytes(StandardCharsets.UTF_8);
  }

  /** The vector of such a body, at unit length. */
  static float[] vector(JsonNode query) {
    JsonNode values = query.path("vector");
    query.fieldNames().forEachRemaining(name -> {
      if (!Set.of("vector", "exclude").contains(name)) {
        throw ProblemException.badRequest("Expected {\"vector\": [numbers], \"exclude\": \"an object\"}, found '" + name + "'.");
      }
    });
    if (!values.isArray() || values.isEmpty()) {
      throw ProblemException.badRequest("Expected {\"vector\": [numbers]}: the embedding to compare with.");
    }
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      if (!values.get(i).isNumber()) {
        throw ProblemException.badRequest("Expected numbers in 'vector', found " + values.get(i).getNodeType() + " at place " + i + ".");
      }
      vector[i] = values.get(i).floatValue();
    }
    try {
      return Vectors.unit(vector);
    } catch (IllegalArgumentException e) {
      throw ProblemException.badRequest(e.getMessage());
    }
  }

  static Optional<String> exclude(JsonNode query) {
    JsonNode exclude = query.path("exclude");
    if (!exclude.isMissingNode() && !exclude.isTextual()) {
      throw ProblemException.badRequest("Expected an object's id in 'exclude', found " + exclude.getNodeType() + ".");
    }
    return Optional.ofNullable(exclude.textValue());
  }

  /** The embedding of an object, as its owner tells of it; its problems are this one's. */
  static float[] embedding(HttpResponse<byte[]> response) {
    JsonNode json = Json.parse(response.body());
    if (response.statusCode() != 200) {
      String detail = json.path("detail").asText("The instance that has the object does not tell of it.");
      throw response.statusCode() == 404 ? ProblemException.notFound(json.path("title").asText("No such object"), detail)
          : ProblemException.unavailable(detail);
    }
    JsonNode values = json.required("embedding");
    float[] embedding = new float[values.size()];
    for (int i = 0; i < embedding.length; i++) {
      embedding[i] = values.get(i).floatValue();
    }
    return embedding;
  }
}
