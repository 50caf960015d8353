package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Values in ONNX's own form, as the ONNX project keeps its test data: typed, named, one to a {@code .pb} file. */
public final class Tensors {
  private Tensors() {}

  public static TensorProto floats(String name, float[] values, int... shape) {
    return Nodes.floats(name, values, shape);
  }

  public static TensorProto bytes(String name, byte[] values, int... shape) {
    return Nodes.tensor(name, DataType.UINT8, ByteBuffer.wrap(values), shape);
  }

  /** A vector of int64. */
  public static TensorProto longs(String name, long... values) {
    return Nodes.longs(name, values);
  }

  /** The values of a float32 or float16 tensor. */
  public static Tensor toTensor(TensorProto proto) {
    ByteBuffer data = data(proto);
    boolean half = proto.getDataType() == DataType.FLOAT16.code();
    float[] values = new float[data.remaining() / (half ? 2 : 4)];
    if (half) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Float16.toFloat(data.getShort(2 * i));
      }
    } else {
      data.asFloatBuffer().get(values);
    }
    return new Tensor(values, proto.getDimsList().stream().mapToInt(Math::toIntExact).toArray());
  }

  /** Reads a {@code .pb} file. */
  public static TensorProto read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return TensorProto.parseFrom(in);
    } catch (IOException e) {
      throw new OnnxException("Cannot read " + file + " as an ONNX tensor: " + e.getMessage(), e);
    }
  }

  /** Writes a {@code .pb} file. */
  public static void write(TensorProto tensor, Path file) {
    try {
      Files.write(file, tensor.toByteArray());
    } catch (IOException e) {
      throw new OnnxException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * The largest difference of two float tensors, relative where the expected value is above 1: |found - expected| / max(1, |expected|).
   * Infinite if the shapes differ or a value is not finite.
   */
  public static double largestError(Tensor expected, Tensor found) {
    if (!Arrays.equals(expected.shape(), found.shape())) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    for (int i = 0; i < expected.values().length; i++) {
      double error = Math.abs((double) found.values()[i] - expected.values()[i]) / Math.max(1, Math.abs(expected.values()[i]));
      largest = Double.isFinite(error) ? Math.max(largest, error) : Double.POSITIVE_INFINITY;
    }
    return largest;
  }

  static ByteBuffer data(TensorProto proto) {
    return proto.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }
}
