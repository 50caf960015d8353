package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The protobuf pieces of a graph. */
final class Nodes {
  private Nodes() {}

  /** A node with one output, named like it. */
  static NodeProto node(String type, String output, List<String> inputs, AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setOpType(type).setName(output).addAllInput(inputs).addOutput(output).addAllAttribute(Arrays.asList(attributes)).build();
  }

  /** The fixed tensor as a node, which every IR version allows. */
  static NodeProto constant(String output, TensorProto value) {
    AttributeProto attribute =
        AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR).setT(value).build();
    return node("Constant", output, List.of(), attribute);
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
  }

  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value).build();
  }

  static AttributeProto attribute(String name, int... values) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }

  /** In order of key: the iteration order of a map may differ from one JVM to the next, and a file's bytes are its identity. */
  static List<StringStringEntryProto> metadata(String prefix, Map<String, String> entries) {
    return new TreeMap<>(entries).entrySet().stream()
        .map(entry -> StringStringEntryProto.newBuilder().setKey(prefix + entry.getKey()).setValue(entry.getValue()).build()).toList();
  }

  static TensorProto floats(String name, float[] values, int... shape) {
    ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(4, values.length)).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return tensor(name, DataType.FLOAT32, data, shape);
  }

  /** Rounded to half precision, to nearest even. */
  static TensorProto halves(String name, float[] values, int... shape) {
    ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(2, values.length)).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putShort(Float16.fromFloat(value));
    }
    return tensor(name, DataType.FLOAT16, data.rewind(), shape);
  }

  static TensorProto longs(String name, long... values) {
    ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asLongBuffer().put(values);
    return tensor(name, DataType.INT64, data, values.length);
  }

  static TensorProto tensor(String name, DataType type, ByteBuffer data, int... shape) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.code()).setRawData(ByteString.copyFrom(data));
    Arrays.stream(shape).forEach(tensor::addDims);
    return tensor.build();
  }
}
