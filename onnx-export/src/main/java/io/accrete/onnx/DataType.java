package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Locale;

/** Element types of graph inputs, outputs and weights that are used here, with ONNX's numbers. */
public enum DataType {
  FLOAT32(TensorProto.DataType.FLOAT),
  UINT8(TensorProto.DataType.UINT8),
  INT8(TensorProto.DataType.INT8),
  INT64(TensorProto.DataType.INT64),
  FLOAT16(TensorProto.DataType.FLOAT16);

  private final TensorProto.DataType proto;

  DataType(TensorProto.DataType proto) {
    this.proto = proto;
  }

  /** ONNX's number of the type. */
  public int code() {
    return proto.getNumber();
  }

  /** ONNX's name of the type with this number, for messages: {@code float}, {@code uint8}, ... */
  public static String name(int code) {
    TensorProto.DataType type = TensorProto.DataType.forNumber(code);
    return type == null ? "type " + code : type.name().toLowerCase(Locale.ROOT);
  }
}
