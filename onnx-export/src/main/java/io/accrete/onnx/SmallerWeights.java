package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finished graphs with weights of fewer bytes. Inputs and outputs stay as they are. */
public final class SmallerWeights {
  /** Shorter tensors are constants more often than weights, and not worth it. */
  private static final int FEWEST_VALUES = 256;
  private static final int OLDEST_OPSET_OF_INT8 = 13; // scales for each column
  /**
   * Seven bits, not eight: processors without VNNI add two products of a byte and a signed byte in 16 bits, which larger weights could
   * overflow, and the numbers would depend on the processor.
   */
  private static final int LARGEST = 63;
  private static final String PREFIX = "int8/";

  private final GraphProto graph;
  private final Map<String, TensorProto> weights = new HashMap<>();
  private final Map<String, NodeProto> producers = new HashMap<>();
  private final Map<String, float[]> ranges = new HashMap<>();
  private final Set<String> quantized = new HashSet<>();
  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<TensorProto> added = new ArrayList<>();

  private SmallerWeights(ModelProto model) {
    graph = model.getGraph();
    if (graph.getNodeList().stream().flatMap(node -> node.getAttributeList().stream())
        .anyMatch(attribute -> attribute.hasG() || attribute.getGraphsCount() > 0)) {
      throw new OnnxException("The graph '" + graph.getName() + "' has graphs inside it (If, Loop, Scan); expected one without. Export it "
          + "without control flow.");
    }
    graph.getInitializerList().forEach(tensor -> weights.put(tensor.getName(), tensor));
    graph.getInputList().forEach(input -> weights.remove(input.getName())); // may be given another value
    graph.getNodeList().forEach(node -> node.getOutputList().forEach(output -> producers.put(output, node)));
  }

  /**
   * Stores float32 weights as float16; what is computed stays float32.
   *
   * @throws OnnxException if the graph has graphs inside it, or no weights of float32
   */
  public static ModelProto half(ModelProto model) {
    return new SmallerWeights(model).half().in(model, "of float32 with two axes or more");
  }

  /**
   * Multiplies matrices by fixed weights in integers: weights of seven bits, a scale for each column, and inputs of eight bits, whose range
   * is that of the samples. So an image is the same in every batch. Convolutions and products of two inputs stay as they are, with weights
   * of float16.
   *
   * @param samples each an input of the graph
   * @throws OnnxException if the graph has graphs inside it, is older than opset 13, or has no such product
   */
  public static ModelProto int8(ModelProto model, List<TensorProto> samples) {
    int opset = Signature.of(model).opset();
    if (opset < OLDEST_OPSET_OF_INT8) {
      throw new OnnxException("The graph uses opset " + opset + "; expected " + OLDEST_OPSET_OF_INT8
          + " or newer for int8. Export it again.");
    }
    SmallerWeights smaller = new SmallerWeights(model);
    smaller.measure(model, samples);
    ModelProto integers = smaller.int8().in(model, "that a MatMul multiplies by");
    SmallerWeights rest = new SmallerWeights(integers).half();
    return rest.quantized.isEmpty() ? integers : rest.in(integers, "left");
  }

  private SmallerWeights half() {
    for (TensorProto tensor : graph.getInitializerList()) {
      if (tensor.getDataType() == DataType.FLOAT32.code() && tensor.getDimsCount() >= 2 && tensor.getRawData().size() >= 4 * FEWEST_VALUES
          && weights.containsKey(tensor.getName())) {
        Tensor values = Tensors.toTensor(tensor);
        String stored = Tracer.halfName(tensor.getName());
        added.add(Nodes.halves(stored, values.values(), values.shape()));
        nodes.add(Nodes.node("Cast", tensor.getName(), List.of(stored), Nodes.attribute("to", (long) DataType.FLOAT32.code())));
        quantized.add(tensor.getName());
      }
    }
    nodes.addAll(graph.getNodeList());
    return this;
  }

  private SmallerWeights int8() {
    for (NodeProto node : graph.getNodeList()) {
      Tensor matrix = matrix(node);
      if (matrix == null) {
        nodes.add(node);
      } else {
        String input = quantizedInput(node.getInput(0));
        nodes.add(node.toBuilder().setInput(0, input).setInput(1, quantizedMatrix(node.getOutput(0), matrix)).build());
      }
    }
    return this;
  }

  /** The weights that a node multiplies its input by, or null. */
  private Tensor matrix(NodeProto node) {
    Tensor matrix = node.getOpType().equals("MatMul") ? fixed(node.getInput(1)) : null;
    return matrix == null || matrix.shape().length != 2 || matrix.values().length < FEWEST_VALUES ? null : matrix;
  }

  /** Finds the range of everything that is multiplied by weights. */
  private void measure(ModelProto model, List<TensorProto> samples) {
    GraphProto.Builder telling = graph.toBuilder();
    graph.getNodeList().stream().filter(node -> matrix(node) != null).map(node -> node.getInput(0)).distinct().forEach(name -> {
      ranges.put(name, new float[2]); // zero is always in it
      telling.addOutput(new TensorInfo(name, DataType.FLOAT32.code(), null).toProto());
    });
    try (GraphRun run = GraphRun.of(model.toBuilder().setGraph(telling).build())) {
      for (TensorProto sample : samples) {
        Map<String, TensorProto> found = run.run(List.of(sample));
        ranges.forEach((name, range) -> {
          for (float value : Tensors.toTensor(found.get(name)).values()) {
            range[0] = Math.min(range[0], value);
            range[1] = Math.max(range[1], value);
          }
        });
      }
    }
  }

  /** The float32 matrix that a value always is, or null. */
  private Tensor fixed(String name) {
    Tensor weight = weight(name, DataType.FLOAT32);
    NodeProto node = producers.get(name);
    if (weight != null || node == null) {
      return weight;
    }
    return switch (node.getOpType()) {
      case "Cast" -> weight(node.getInput(0), DataType.FLOAT16);
      case "Transpose" -> isReversing(node) ? transposed(fixed(node.getInput(0))) : null;
      default -> null;
    };
  }

  private Tensor weight(String name, DataType type) {
    TensorProto tensor = weights.get(name);
    return tensor != null && tensor.getDataType() == type.code() && tensor.hasRawData() ? Tensors.toTensor(tensor) : null;
  }

  /** Without a permutation ONNX means the reverse one. */
  private static boolean isReversing(NodeProto transpose) {
    return transpose.getAttributeList().stream().noneMatch(attribute -> attribute.getName().equals("perm"))
        || transpose.getAttribute(0).getIntsList().equals(List.of(1L, 0L));
  }

  private static Tensor transposed(Tensor matrix) {
    if (matrix == null || matrix.shape().length != 2) {
      return null;
    }
    int rows = matrix.shape()[0];
    int columns = matrix.shape()[1];
    float[] values = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        values[column * rows + row] = matrix.values()[row * columns + column];
      }
    }
    return new Tensor(values, columns, rows);
  }

  /** Name of the input as eight bits tell it. ONNX Runtime makes one operation of this and what follows. */
  private String quantizedInput(String input) {
    String name = PREFIX + input;
    if (quantized.add(name)) {
      float[] range = ranges.get(input);
      float scale = Math.max((range[1] - range[0]) / 255, Float.MIN_NORMAL);
      byte zero = (byte) Math.round(-range[0] / scale);
      added.add(Nodes.floats(name + "/scale", new float[] {scale}));
      added.add(Nodes.tensor(name + "/zero", DataType.UINT8, ByteBuffer.wrap(new byte[] {zero})));
      nodes.add(Nodes.node("QuantizeLinear", name + "/quantized", List.of(input, name + "/scale", name + "/zero")));
      nodes.add(Nodes.node("DequantizeLinear", name, List.of(name + "/quantized", name + "/scale", name + "/zero")));
    }
    return name;
  }

  /** Name of the matrix as seven bits tell it. */
  private String quantizedMatrix(String output, Tensor matrix) {
    int rows = matrix.shape()[0];
    int columns = matrix.shape()[1];
    float[] scales = new float[columns];
    Arrays.fill(scales, Float.MIN_NORMAL);
    for (int i = 0; i < matrix.values().length; i++) {
      scales[i % columns] = Math.max(scales[i % columns], Math.abs(matrix.values()[i]) / LARGEST);
    }
    byte[] integers = new byte[rows * columns];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (byte) Math.round(matrix.values()[i] / scales[i % columns]);
    }
    String name = PREFIX + output + "/weight";
    added.add(Nodes.tensor(name + "/quantized", DataType.INT8, ByteBuffer.wrap(integers), rows, columns));
    added.add(Nodes.floats(name + "/scale", scales, columns));
    added.add(Nodes.tensor(name + "/zero", DataType.INT8, ByteBuffer.wrap(new byte[columns]), columns));
    nodes.add(Nodes.node("DequantizeLinear", name, List.of(name + "/quantized", name + "/scale", name + "/zero"),
        Nodes.attribute("axis", 1L)));
    return name;
  }

  /** The model with these nodes, less what no output needs any more. */
  private ModelProto in(ModelProto model, String weightsThatCount) {
    if (quantized.isEmpty()) {
      throw new OnnxException("The graph '" + graph.getName() + "' has no weights " + weightsThatCount + "; it cannot be made smaller so.");
    }
    Set<String> needed = new HashSet<>();
    graph.getOutputList().forEach(output -> needed.add(output.getName()));
    List<NodeProto> kept = new ArrayList<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).getOutputList().stream().anyMatch(needed::contains)) {
        kept.add(0, nodes.get(i));
        needed.addAll(nodes.get(i).getInputList());
      }
    }
    GraphProto.Builder smaller = graph.toBuilder().clearNode().addAllNode(kept).clearInitializer();
    graph.getInitializerList().stream()
        .filter(tensor -> needed.contains(tensor.getName()) && !quantized.contains(tensor.getName())).forEach(smaller::addInitializer);
    return model.toBuilder().setGraph(smaller.addAllInitializer(added)).build();
  }
}
