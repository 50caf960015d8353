package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Runs a graph on the CPU for checks and golden values. Serving has its own way, see {@code io.accrete.runtime}. */
public final class GraphRun implements AutoCloseable {
  private final OrtSession session;

  private GraphRun(OrtSession session) {
    this.session = session;
  }

  /**
   * Loads a graph from a file.
   *
   * @throws OnnxException if ONNX Runtime refuses it
   */
  public static GraphRun of(Path file) {
    OrtEnvironment environment = Ort.environment();
    try (SessionOptions options = quiet()) {
      return new GraphRun(environment.createSession(file.toString(), options));
    } catch (OrtException e) {
      throw new OnnxException("ONNX Runtime cannot load " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Loads a graph from memory.
   *
   * @throws OnnxException if ONNX Runtime refuses it
   */
  public static GraphRun of(ModelProto model) {
    OrtEnvironment environment = Ort.environment();
    try (SessionOptions options = quiet()) {
      return new GraphRun(environment.createSession(model.toByteArray(), options));
    } catch (OrtException e) {
      throw new OnnxException("ONNX Runtime cannot load the graph '" + model.getGraph().getName() + "': " + e.getMessage(), e);
    }
  }

  /**
   * Runs it once.
   *
   * @param inputs float32, uint8 or int64 tensors with the names of the graph's inputs
   * @return the float32 outputs, by name
   * @throws OnnxException if it cannot run on them
   */
  public Map<String, TensorProto> run(List<TensorProto> inputs) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (TensorProto input : inputs) {
        tensors.put(input.getName(), toOrt(input));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        Map<String, TensorProto> outputs = new HashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), toProto(output.getKey(), output.getValue()));
        }
        return outputs;
      }
    } catch (OrtException e) {
      throw new OnnxException("The graph cannot run on " + describe(inputs) + ": " + e.getMessage(), e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new OnnxException("The session did not close: " + e.getMessage(), e);
    }
  }

  /** Failures are reported by exceptions; ONNX Runtime need not print them too. */
  private static SessionOptions quiet() throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    return options;
  }

  private static OnnxTensor toOrt(TensorProto proto) throws OrtException {
    long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    ByteBuffer data = Tensors.data(proto);
    ByteBuffer direct = ByteBuffer.allocateDirect(data.remaining()).order(ByteOrder.LITTLE_ENDIAN).put(data).flip();
    return OnnxTensor.createTensor(Ort.environment(), direct, shape, javaType(proto));
  }

  private static OnnxJavaType javaType(TensorProto proto) {
    if (proto.getDataType() == DataType.FLOAT32.code()) {
      return OnnxJavaType.FLOAT;
    }
    if (proto.getDataType() == DataType.UINT8.code()) {
      return OnnxJavaType.UINT8;
    }
    if (proto.getDataType() == DataType.INT64.code()) {
      return OnnxJavaType.INT64;
    }
    throw new OnnxException("The tensor " + proto.getName() + " must be float, uint8 or int64; found " + DataType.name(proto.getDataType())
        + ".");
  }

  private static TensorProto toProto(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor) || tensor.getInfo().type != OnnxJavaType.FLOAT) {
      throw new OnnxException("The output " + name + " must be a float tensor; found " + value + ".");
    }
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return Tensors.floats(name, values, Arrays.stream(tensor.getInfo().getShape()).mapToInt(Math::toIntExact).toArray());
  }

  private static String describe(List<TensorProto> inputs) {
    return inputs.stream()
        .map(input -> input.getName() + ": " + DataType.name(input.getDataType()) + " " + input.getDimsList())
        .collect(Collectors.joining("; "));
  }
}
