package io.accrete.vectors;

import com.fasterxml.jackson.databind.JsonNode;

/** A tensor of a file of golden vectors, in double precision, row-major. */
public record GoldenTensor(double[] values, int... shape) {
  /** Reads {@code {"shape": [...], "data": [...]}}. */
  public static GoldenTensor of(JsonNode tensor) {
    return new GoldenTensor(JsonArrays.doubles(tensor.get("data")), JsonArrays.ints(tensor.get("shape")));
  }
}
