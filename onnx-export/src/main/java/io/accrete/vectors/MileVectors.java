package io.accrete.vectors;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.model.MileAggregator;
import io.accrete.onnx.GraphRun;
import io.accrete.onnx.Tensors;
import io.accrete.tensor.Tensor;
import io.accrete.tensor.Weights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The MILE aggregator, exported to ONNX and run image after image; errors are relative where the expected value is above 1. */
final class MileVectors {
  private static final double TOLERANCE = 1e-5;

  private MileVectors() {}

  static ErrorTally run(JsonNode file) {
    ErrorTally tally = new ErrorTally();
    MileCase.all(file).forEach(golden -> run(golden, tally));
    return tally;
  }

  private static void run(MileCase golden, ErrorTally tally) {
    int d = golden.config().dimension();
    int t = golden.tokens();
    AggregatorGraph graph = AggregatorGraph.of(new MileAggregator(golden.config()), weights(golden), t, false, Map.of());
    int s = graph.stateTokens();
    float[] state = new float[s * d];
    try (GraphRun run = GraphRun.of(graph.model())) {
      for (int i = 0; i < golden.images().size(); i++) {
        Map<String, TensorProto> out = run.run(List.of(Tensors.floats("state", state, 1, s, d),
            Tensors.floats("tokens", JsonArrays.floats(golden.images().get(i)), 1, t, d), Tensors.longs("count", i)));
        Tensor found = Tensors.toTensor(out.get("next_state"));
        Tensor expected = new Tensor(JsonArrays.floats(golden.states().get(i)), 1, s, d);
        tally.add(golden.name() + ", image " + i, Tensors.largestError(expected, found), TOLERANCE);
        state = found.values();
      }
    }
  }

  private static Weights weights(MileCase golden) {
    Map<String, Tensor> tensors = new HashMap<>();
    golden.parameters().forEach((name, values) -> tensors.put(name, new Tensor(JsonArrays.floats(values.values()), values.shape())));
    return new Weights(tensors);
  }
}
