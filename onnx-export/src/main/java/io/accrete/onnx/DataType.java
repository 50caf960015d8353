package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Locale;

/** Element types of graph inputs, outputs and weights that are used here, with ONNX's numbers. */
public enum DataType {
  FLOAT32(TensorProto.DataType.FLOAT, 4),
  UINT8(TensorProto.DataType.UINT8, 1),
  INT64(TensorProto.DataType.INT64, 8),
  FLOAT16(TensorProto.DataType.FLOAT16, 2);

  private final TensorProto.DataType proto;
  private final int bytes;

  DataType(TensorProto.DataType proto, int bytes) {
    this.proto = proto;
    this.bytes = bytes;
  }

  /** ONNX's number of the type. */
  public int code() {
    return proto.getNumber();
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** ONNX's name of the type with this number, for messages: {@code float}, {@code uint8}, ... */
  public static String name(int code) {
    TensorProto.DataType type = TensorProto.DataType.forNumber(code);
    return type == null ? "type " + code : type.name().toLowerCase(Locale.ROOT);
  }
}
