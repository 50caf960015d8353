package io.accrete.onnx;

/** An ONNX graph cannot be read, changed or run; the message says why. */
public final class OnnxException extends RuntimeException {
  public OnnxException(String message) {
    super(message);
  }

  public OnnxException(String message, Throwable cause) {
    super(message, cause);
  }
}
