package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One input or output of a graph.
 *
 * @param type ONNX's number of the element type; 0 if it is no tensor
 * @param shape the axes; null if even their number is unknown
 */
public record TensorInfo(String name, int type, List<Axis> shape) {
  /**
   * One axis.
   *
   * @param length its length, or -1 where it may vary
   * @param symbol its name where it may vary, or the empty string
   */
  public record Axis(long length, String symbol) {
    public static Axis of(long length) {
      return new Axis(length, "");
    }

    public static Axis symbolic(String symbol) {
      return new Axis(-1, symbol);
    }

    @Override
    public String toString() {
      return length >= 0 ? Long.toString(length) : symbol.isEmpty() ? "?" : symbol;
    }
  }

  /** The batch axis first, then fixed lengths. */
  public static TensorInfo batched(String name, DataType type, int... lengths) {
    List<Axis> axes = new ArrayList<>();
    axes.add(Axis.symbolic("batch"));
    for (int length : lengths) {
      axes.add(Axis.of(length));
    }
    return new TensorInfo(name, type.code(), List.copyOf(axes));
  }

  static TensorInfo of(ValueInfoProto value) {
    TypeProto type = value.getType();
    if (!type.hasTensorType()) {
      return new TensorInfo(value.getName(), 0, null);
    }
    List<Axis> axes = null;
    if (type.getTensorType().hasShape()) {
      axes = type.getTensorType().getShape().getDimList().stream()
          .map(dim -> dim.hasDimValue() ? Axis.of(dim.getDimValue()) : Axis.symbolic(dim.getDimParam()))
          .collect(Collectors.toUnmodifiableList());
    }
    return new TensorInfo(value.getName(), type.getTensorType().getElemType(), axes);
  }

  ValueInfoProto toProto() {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type);
    if (shape != null) {
      tensor.setShape(shapeProto());
    }
    return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(tensor)).build();
  }

  private TensorShapeProto shapeProto() {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (Axis axis : shape) {
      TensorShapeProto.Dimension.Builder dim = dims.addDimBuilder();
      if (axis.length() >= 0) {
        dim.setDimValue(axis.length());
      } else {
        dim.setDimParam(axis.symbol());
      }
    }
    return dims.build();
  }

  /** Lengths of the axes, -1 where they may vary; null if their number is unknown. */
  public long[] lengths() {
    return shape == null ? null : shape.stream().mapToLong(Axis::length).toArray();
  }

  /** For messages: {@code tokens: float [batch, 17, 32]}. */
  @Override
  public String toString() {
    return name + ": " + (type == 0 ? "not a tensor" : DataType.name(type)) + " " + (shape == null ? "of unknown shape" : shape);
  }
}
