package io.accrete.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.model.AggregatorConfig;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.onnx.DataType;
import io.accrete.onnx.OnnxFile;
import io.accrete.onnx.Tensors;
import io.accrete.onnx.Tracer;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Tensor;
import io.accrete.tensor.Weights;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * One graph of a bundle as a model that can be trained further. Exported again, it gives the same file.
 *
 * @param config the model's shape
 * @param weights its weights, by the names of its parameters
 * @param halfPrecision whether the graph keeps weight matrices as float16
 */
public record BundleWeights<C>(C config, Weights weights, boolean halfPrecision) {
  /**
   * Reads the encoder.
   *
   * @throws BundleException if it has no architecture, as wrapped ONNX graphs have none, or its weights do not fit it
   */
  public static BundleWeights<VitConfig> encoder(Bundle bundle) {
    ModelProto graph = OnnxFile.read(bundle.encoder());
    VitConfig config = Architecture.read(graph, VitConfig.class, bundle.encoder().toString()).orElseThrow(() -> new BundleException(
        "The encoder of " + bundle.version() + " in " + bundle.root() + " has no architecture in its graph: it was wrapped as a finished"
            + " ONNX graph. Such an encoder can be used frozen, not trained; train the aggregator alone, or choose a bundle with an"
            + " encoder of this program's own."));
    return read(bundle.encoder(), graph, config, (parameters, half) ->
        EncoderGraph.of(new Vit(config), parameters, bundle.preprocessing(), half, Map.of()));
  }

  /**
   * Reads the aggregator.
   *
   * @throws BundleException if it has no architecture, or its weights do not fit it
   */
  public static BundleWeights<AggregatorConfig> aggregator(Bundle bundle) {
    ModelProto graph = OnnxFile.read(bundle.aggregator());
    AggregatorConfig config = Architecture.read(graph, AggregatorConfig.class, bundle.aggregator().toString()).orElseThrow(
        () -> new BundleException("The aggregator of " + bundle.version() + " in " + bundle.root() + " has no architecture in its graph, "
            + "so it cannot be trained further. Train a new one on the same encoder."));
    return read(bundle.aggregator(), graph, config, (parameters, half) ->
        AggregatorGraph.of(config.aggregator(), parameters, bundle.manifest().shapes().tokens(), half, Map.of()));
  }

  /** Initializers are weights and constants alike; what the model asks for when it is written down again are its weights. */
  private static <C> BundleWeights<C> read(Path file, ModelProto graph, C config, BiConsumer<Parameters, Boolean> export) {
    Map<String, Tensor> stored = new HashMap<>();
    boolean half = false;
    for (TensorProto tensor : graph.getGraph().getInitializerList()) {
      if (tensor.getDataType() == DataType.FLOAT16.code()) {
        half = true;
        stored.put(Tracer.parameterName(tensor.getName()), Tensors.toTensor(tensor));
      } else if (tensor.getDataType() == DataType.FLOAT32.code()) {
        stored.put(tensor.getName(), Tensors.toTensor(tensor));
      }
    }
    Weights all = new Weights(stored);
    Map<String, Tensor> asked = new HashMap<>();
    try {
      export.accept((name, init, shape) -> asked.computeIfAbsent(name, key -> all.get(name, init, shape)), half);
    } catch (IllegalArgumentException e) {
      throw new BundleException(file + " does not hold the weights of the architecture in its metadata: " + e.getMessage()
          + " Fetch the bundle again, or export it anew.", e);
    }
    return new BundleWeights<>(config, new Weights(asked), half);
  }
}
