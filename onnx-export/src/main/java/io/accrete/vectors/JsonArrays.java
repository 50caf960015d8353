package io.accrete.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Numbers out of JSON arrays. */
final class JsonArrays {
  private JsonArrays() {}

  static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  /** The numbers of nested arrays, in order. */
  static float[] flat(JsonNode nested) {
    List<JsonNode> leaves = leaves(nested).toList();
    float[] values = new float[leaves.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) leaves.get(i).asDouble();
    }
    return values;
  }

  private static Stream<JsonNode> leaves(JsonNode node) {
    return node.isArray() ? StreamSupport.stream(node.spliterator(), false).flatMap(JsonArrays::leaves) : Stream.of(node);
  }

  static float[][] floats(JsonNode matrix) {
    return IntStream.range(0, matrix.size()).mapToObj(i -> flat(matrix.get(i))).toArray(float[][]::new);
  }
}
