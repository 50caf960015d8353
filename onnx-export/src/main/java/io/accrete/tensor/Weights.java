package io.accrete.tensor;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Parameter values by name: a checkpoint in memory. */
public final class Weights implements Parameters {
  private final Map<String, Tensor> tensors;

  public Weights(Map<String, Tensor> tensors) {
    this.tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
  }

  /** All tensors, by name. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  @Override
  public Tensor get(String name, Init init, int... shape) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("The weights lack '" + name + "' of shape " + Arrays.toString(shape) + "; they hold "
          + tensors.keySet() + ".");
    }
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException(
          "The weight '" + name + "' must have shape " + Arrays.toString(shape) + "; found " + Arrays.toString(tensor.shape()) + ".");
    }
    return tensor;
  }
}
