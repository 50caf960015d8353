package io.accrete.tensor;

import java.util.Arrays;

/**
 * A dense float32 tensor, row-major. The values are not copied: who makes one gives them away.
 *
 * @param values the elements
 * @param shape the axes; their product is the number of elements, no axes means a scalar
 */
public record Tensor(float[] values, int... shape) {
  /**
   * Checks that shape and values agree.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Tensor {
    if (size(shape) != values.length) {
      throw new IllegalArgumentException("A tensor of shape " + Arrays.toString(shape) + " has " + size(shape) + " elements; found "
          + values.length + ".");
    }
  }

  /** Number of elements of a shape. */
  public static int size(int... shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** The same values in another shape. */
  public Tensor reshape(int... other) {
    return new Tensor(values, other);
  }

  /** Tensors one after the other along axis 0. */
  public static Tensor stack(Tensor... parts) {
    int[] shape = parts[0].shape.clone();
    shape[0] = Arrays.stream(parts).mapToInt(part -> part.shape[0]).sum();
    float[] values = new float[size(shape)];
    int offset = 0;
    for (Tensor part : parts) {
      System.arraycopy(part.values, 0, values, offset, part.values.length);
      offset += part.values.length;
    }
    return new Tensor(values, shape);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor tensor && Arrays.equals(shape, tensor.shape) && Arrays.equals(values, tensor.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Tensor" + Arrays.toString(shape);
  }
}
