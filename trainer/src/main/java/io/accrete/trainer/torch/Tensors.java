package io.accrete.trainer.torch;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Between Java's arrays and libtorch's tensors. */
public final class Tensors {
  private Tensors() {}

  /** The same tensor, which from now on outlives the scope it was made in; {@code releaseReference} frees it. */
  public static Tensor keep(Tensor tensor) {
    return tensor.retainReference();
  }

  /** The values of a tensor, as floats, in row-major order. */
  public static float[] floats(Tensor tensor) {
    Tensor plain = tensor.detach().to(ScalarType.Float).contiguous();
    float[] values = new float[Math.toIntExact(plain.numel())];
    plain.data_ptr_float().get(values);
    return values;
  }

  /** A uint8 tensor with these bytes. */
  public static Tensor bytes(byte[] values, long... shape) {
    try (BytePointer pointer = new BytePointer(values)) {
      return torch.from_blob(pointer, shape, new TensorOptions(ScalarType.Byte)).clone();
    }
  }

  /** A float32 tensor with these values, row after row. */
  public static Tensor rows(float[][] rows) {
    int length = rows[0].length;
    float[] values = new float[rows.length * length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, values, row * length, length);
    }
    return Tensor.create(values, rows.length, length);
  }
}
