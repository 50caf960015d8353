package io.accrete.vectors;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.MileConfig.Mode;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.Tensors;
import io.accrete.tensor.Tensor;
import io.accrete.tensor.Weights;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The MILE aggregator, exported to ONNX and run image after image; errors are relative where the expected value is above 1. */
final class MileVectors {
  private static final double TOLERANCE = 1e-5;

  private MileVectors() {}

  static ErrorTally run(JsonNode file) {
    ErrorTally tally = new ErrorTally();
    int number = 0;
    for (JsonNode golden : file.get("cases")) {
      run(golden, "case " + number++ + " (" + golden.get("mode").asText() + ")", tally);
    }
    return tally;
  }

  private static void run(JsonNode golden, String name, ErrorTally tally) {
    int d = golden.get("dim").asInt();
    int t = golden.get("tokens_per_image").asInt();
    Mode mode = Mode.valueOf(golden.get("mode").asText().toUpperCase(Locale.ROOT));
    int registers = mode == Mode.REGISTERS ? t - 1 : 0;
    MileConfig config = new MileConfig(
        mode, false, d, golden.get("heads").asInt(), registers, t - 1 - registers, golden.get("explicit_residual").asBoolean(), false);
    AggregatorGraph graph = AggregatorGraph.of(new MileAggregator(config), weights(golden), t, false, Map.of());
    int s = graph.stateTokens();
    float[] state = new float[s * d];
    try (GraphRun run = GraphRun.of(graph.model())) {
      for (int i = 0; i < golden.get("images").size(); i++) {
        Map<String, TensorProto> out = run.run(List.of(Tensors.floats("state", state, 1, s, d),
            Tensors.floats("tokens", JsonArrays.flat(golden.get("images").get(i)), 1, t, d), Tensors.longs("count", i)));
        Tensor found = Tensors.toTensor(out.get("next_state"));
        Tensor expected = new Tensor(JsonArrays.flat(golden.get("latent_after").get(i)), 1, s, d);
        tally.add(name + ", image " + i, Tensors.largestError(expected, found), TOLERANCE);
        state = found.values();
      }
    }
  }

  private static Weights weights(JsonNode golden) {
    Map<String, Tensor> tensors = new HashMap<>();
    golden.get("params").properties().forEach(entry -> tensors.put(entry.getKey(),
        new Tensor(JsonArrays.flat(entry.getValue().get("data")), JsonArrays.ints(entry.getValue().get("shape")))));
    tensors.put("gate_alpha", new Tensor(new float[] {(float) golden.get("gate_alpha").asDouble()}));
    return new Weights(tensors);
  }
}
