package io.accrete.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.model.MileConfig;
import io.accrete.model.MileConfig.Mode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * One case of the MILE aggregator's golden vectors, in double precision.
 *
 * @param name for messages
 * @param tokens T, of each image
 * @param parameters by the aggregator's names for them
 * @param images tokens [T, D] of one image after the other
 * @param states state [S, D] after each image
 */
public record MileCase(
    String name, MileConfig config, int tokens, Map<String, GoldenTensor> parameters, List<double[]> images, List<double[]> states) {
  /** All cases of a file. */
  public static List<MileCase> all(JsonNode file) {
    List<MileCase> cases = new ArrayList<>();
    for (JsonNode golden : file.get("cases")) {
      cases.add(of(golden, "case " + cases.size() + " (" + golden.get("mode").asText() + ")"));
    }
    return cases;
  }

  private static MileCase of(JsonNode golden, String name) {
    int tokens = golden.get("tokens_per_image").asInt();
    Mode mode = Mode.valueOf(golden.get("mode").asText().toUpperCase(Locale.ROOT));
    int registers = mode == Mode.REGISTERS ? tokens - 1 : 0;
    MileConfig config = new MileConfig(mode, false, golden.get("dim").asInt(), golden.get("heads").asInt(), registers,
        tokens - 1 - registers, golden.get("explicit_residual").asBoolean(), false);
    Map<String, GoldenTensor> parameters = new LinkedHashMap<>();
    golden.get("params").properties().forEach(entry -> parameters.put(entry.getKey(), GoldenTensor.of(entry.getValue())));
    parameters.put("gate_alpha", new GoldenTensor(new double[] {golden.get("gate_alpha").asDouble()}));
    return new MileCase(name, config, tokens, parameters, rows(golden.get("images")), rows(golden.get("latent_after")));
  }

  private static List<double[]> rows(JsonNode nested) {
    return StreamSupport.stream(nested.spliterator(), false).map(JsonArrays::doubles).toList();
  }
}
