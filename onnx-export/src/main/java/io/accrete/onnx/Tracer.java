package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Interprets the algebra by writing every operation down as an ONNX node. One tracer makes one graph. */
public final class Tracer implements Algebra<Value> {
  /** Version of the operators used. */
  public static final int OPSET = 20;

  private static final int IR_VERSION = 9;
  private static final float UNIT_EPSILON = 1e-12f;
  private static final String HALF = ".half";
  private static final long LARGEST_FILE = 2_000_000_000L;

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Parameters parameters;
  private final boolean halfPrecision;
  private final Map<String, Value> parameterValues = new HashMap<>();
  private final Map<List<Integer>, Value> shapes = new HashMap<>();
  private final Map<String, Integer> counters = new HashMap<>();
  private long weightBytes;

  /**
   * Starts a graph.
   *
   * @param halfPrecision whether weight matrices are stored as float16; the computation is float32 either way
   */
  public Tracer(String graphName, Parameters parameters, boolean halfPrecision) {
    this.parameters = parameters;
    this.halfPrecision = halfPrecision;
    graph.setName(graphName);
  }

  /** Name of the parameter that an initializer of half precision holds. */
  public static String parameterName(String initializer) {
    return initializer.endsWith(HALF) ? initializer.substring(0, initializer.length() - HALF.length()) : initializer;
  }

  static String halfName(String parameter) {
    return parameter + HALF;
  }

  /** Declares an input of the graph. */
  public Value input(TensorInfo info) {
    graph.addInput(info.toProto());
    return new Value(info.name());
  }

  /** Declares an output of the graph. */
  public void output(TensorInfo info, Value value) {
    named(info.name(), value);
    graph.addOutput(info.toProto());
  }

  /** Gives a value a name of its own, by which graph surgery can find it. */
  public Value named(String name, Value value) {
    graph.addNode(Nodes.node("Identity", name, List.of(value.name())));
    return new Value(name);
  }

  /** The finished model. */
  public ModelProto model(Map<String, String> metadata) {
    ModelProto.Builder model = ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("accrete")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(graph);
    return model.addAllMetadataProps(Nodes.metadata("", metadata)).build();
  }

  @Override
  public Value parameter(String name, Init init, int... shape) {
    return parameterValues.computeIfAbsent(name, key -> {
      float[] values = parameters.get(name, init, shape).values();
      if (halfPrecision && shape.length >= 2) {
        Value stored = initializer(Nodes.halves(halfName(name), values, shape));
        return node("Cast", List.of(stored), Nodes.attribute("to", (long) DataType.FLOAT32.code()));
      }
      return initializer(Nodes.floats(name, values, shape));
    });
  }

  @Override
  public Value constant(Tensor value) {
    return initializer(Nodes.floats(fresh("constant"), value.values(), value.shape()));
  }

  @Override
  public Value add(Value a, Value b) {
    return node("Add", List.of(a, b));
  }

  @Override
  public Value sub(Value a, Value b) {
    return node("Sub", List.of(a, b));
  }

  @Override
  public Value mul(Value a, Value b) {
    return node("Mul", List.of(a, b));
  }

  @Override
  public Value div(Value a, Value b) {
    return node("Div", List.of(a, b));
  }

  @Override
  public Value matMul(Value a, Value b) {
    return node("MatMul", List.of(a, b));
  }

  @Override
  public Value linear(Value x, Value weight, Value bias) {
    Value product = matMul(x, transpose(weight, 1, 0));
    return bias == null ? product : add(product, bias);
  }

  @Override
  public Value layerNorm(Value x, Value weight, Value bias, float epsilon) {
    return node("LayerNormalization", List.of(x, weight, bias), Nodes.attribute("axis", -1L), Nodes.attribute("epsilon", epsilon));
  }

  @Override
  public Value groupNorm(Value x, int groups, Value weight, Value bias, float epsilon) {
    // Opset 20's own GroupNormalization scales per group; instance normalisation of the joined channels is the same mean and variance.
    float[] ones = new float[groups];
    Arrays.fill(ones, 1);
    Value joined = node("InstanceNormalization",
        List.of(reshape(x, 0, groups, -1), constant(new Tensor(ones, groups)), constant(new Tensor(new float[groups], groups))),
        Nodes.attribute("epsilon", epsilon));
    Value normalized = node("Reshape", List.of(joined, node("Shape", List.of(x))));
    return add(mul(normalized, reshape(weight, 1, -1, 1, 1)), reshape(bias, 1, -1, 1, 1));
  }

  @Override
  public Value conv2d(Value x, Value weight, Value bias, int stride, int padding) {
    return node("Conv", List.of(x, weight, bias), Nodes.attribute("strides", stride, stride),
        Nodes.attribute("pads", padding, padding, padding, padding));
  }

  @Override
  public Value attention(Value q, Value k, Value v, double scale) {
    Value scores = matMul(mul(q, constant((float) scale)), transpose(k, 0, 1, 3, 2));
    return matMul(softmax(scores, -1), v);
  }

  @Override
  public Value softmax(Value x, int axis) {
    return node("Softmax", List.of(x), Nodes.attribute("axis", (long) axis));
  }

  @Override
  public Value gelu(Value x) {
    return node("Gelu", List.of(x));
  }

  @Override
  public Value relu(Value x) {
    return node("Relu", List.of(x));
  }

  @Override
  public Value exp(Value x) {
    return node("Exp", List.of(x));
  }

  @Override
  public Value sigmoid(Value x) {
    return node("Sigmoid", List.of(x));
  }

  @Override
  public Value tanh(Value x) {
    return node("Tanh", List.of(x));
  }

  @Override
  public Value reshape(Value x, int... shape) {
    return node("Reshape", List.of(x, integers(shape)));
  }

  @Override
  public Value transpose(Value x, int... permutation) {
    return node("Transpose", List.of(x), Nodes.attribute("perm", permutation));
  }

  @Override
  public Value concat(int axis, List<Value> parts) {
    return node("Concat", parts, Nodes.attribute("axis", (long) axis));
  }

  @Override
  public Value slice(Value x, int axis, int from, int to) {
    return node("Slice", List.of(x, integers(from), integers(to), integers(axis)));
  }

  @Override
  public Value expandBatch(Value x, Value like) {
    Value batch = node("Shape", List.of(like), Nodes.attribute("start", 0L), Nodes.attribute("end", 1L));
    Value rest = node("Shape", List.of(x), Nodes.attribute("start", 1L));
    return node("Expand", List.of(x, concat(0, List.of(batch, rest))));
  }

  @Override
  public Value mean(Value x, int axis) {
    return node("ReduceMean", List.of(x, integers(axis)), Nodes.attribute("keepdims", 1L));
  }

  @Override
  public Value l2Normalize(Value x) {
    Value length = node("ReduceL2", List.of(x, integers(-1)), Nodes.attribute("keepdims", 1L));
    return div(x, node("Max", List.of(length, constant(UNIT_EPSILON))));
  }

  @Override
  public Value isZero(Value x) {
    return node("Equal", List.of(x, constant(0f)));
  }

  @Override
  public Value oneHotOfLargest(Value x, int length) {
    Value largest = node("ArgMax", List.of(x), Nodes.attribute("axis", -1L), Nodes.attribute("keepdims", 1L));
    return toFloat(node("Equal", List.of(largest, integers(IntStream.range(0, length).toArray()))));
  }

  @Override
  public Value where(Value condition, Value ifTrue, Value ifFalse) {
    return node("Where", List.of(condition, ifTrue, ifFalse));
  }

  @Override
  public Value toFloat(Value x) {
    return node("Cast", List.of(x), Nodes.attribute("to", (long) DataType.FLOAT32.code()));
  }

  private Value node(String type, List<Value> inputs, AttributeProto... attributes) {
    String output = fresh(type);
    graph.addNode(Nodes.node(type, output, inputs.stream().map(Value::name).toList(), attributes));
    return new Value(output);
  }

  private Value initializer(TensorProto tensor) {
    weightBytes += tensor.getRawData().size();
    if (weightBytes > LARGEST_FILE) {
      throw new OnnxException("The weights are larger than the 2 GB that an ONNX file can hold; store them as float16"
          + (halfPrecision ? " (already done), or use a smaller model." : " (--half)."));
    }
    graph.addInitializer(tensor);
    return new Value(tensor.getName());
  }

  private Value integers(int... values) {
    return shapes.computeIfAbsent(Arrays.stream(values).boxed().toList(),
        key -> initializer(Nodes.longs(fresh("integers"), Arrays.stream(values).asLongStream().toArray())));
  }

  private String fresh(String kind) {
    return kind + "_" + counters.merge(kind, 1, Integer::sum);
  }
}
