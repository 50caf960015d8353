package io.accrete.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Numbers out of JSON arrays. */
public final class JsonArrays {
  private JsonArrays() {}

  /** The numbers of an array. */
  public static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  /** The numbers of nested arrays, in order. */
  public static double[] doubles(JsonNode nested) {
    return leaves(nested).mapToDouble(JsonNode::asDouble).toArray();
  }

  /** The same, rounded. */
  static float[] flat(JsonNode nested) {
    return floats(doubles(nested));
  }

  static float[] floats(double... values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return rounded;
  }

  private static Stream<JsonNode> leaves(JsonNode node) {
    return node.isArray() ? StreamSupport.stream(node.spliterator(), false).flatMap(JsonArrays::leaves) : Stream.of(node);
  }

  static float[][] floats(JsonNode matrix) {
    return IntStream.range(0, matrix.size()).mapToObj(i -> flat(matrix.get(i))).toArray(float[][]::new);
  }
}
