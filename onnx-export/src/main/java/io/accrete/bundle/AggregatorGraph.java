package io.accrete.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.accrete.model.Aggregator;
import io.accrete.onnx.DataType;
import io.accrete.onnx.TensorInfo;
import io.accrete.onnx.Tracer;
import io.accrete.onnx.Value;
import io.accrete.tensor.Parameters;
import java.util.Map;

/**
 * An aggregator ready for a bundle; its inputs and outputs are those of ARCHITECTURE.md.
 *
 * @param model the graph
 * @param stateTokens S
 * @param embedding E
 * @param lineage facts for the manifest
 */
public record AggregatorGraph(ModelProto model, int stateTokens, int embedding, Map<String, String> lineage) {
  /** Writes an aggregator down for an encoder with {@code tokens} tokens. */
  public static AggregatorGraph of(Aggregator aggregator, Parameters parameters, int tokens, boolean halfPrecision,
      Map<String, String> lineage) {
    int s = aggregator.stateTokens();
    int d = aggregator.dimension();
    Tracer tracer = new Tracer("aggregator", parameters, halfPrecision);
    Value state = tracer.input(TensorInfo.batched("state", DataType.FLOAT32, s, d));
    Value image = tracer.input(TensorInfo.batched("tokens", DataType.FLOAT32, tokens, d));
    Value count = tracer.input(TensorInfo.batched("count", DataType.INT64));
    Aggregator.Step<Value> step = aggregator.step(tracer, state, image, count);
    tracer.output(TensorInfo.batched("next_state", DataType.FLOAT32, s, d), step.state());
    tracer.output(TensorInfo.batched("embedding", DataType.FLOAT32, d), step.embedding());
    return new AggregatorGraph(tracer.model(Architecture.metadata(aggregator, lineage)), s, d, lineage);
  }
}
