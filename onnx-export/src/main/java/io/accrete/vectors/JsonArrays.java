package io.accrete.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;

/** Numbers out of JSON arrays. */
final class JsonArrays {
  private JsonArrays() {}

  static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  static float[] row(JsonNode array) {
    float[] row = new float[array.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) array.get(i).asDouble();
    }
    return row;
  }

  static float[][] floats(JsonNode matrix) {
    return IntStream.range(0, matrix.size()).mapToObj(i -> row(matrix.get(i))).toArray(float[][]::new);
  }
}
