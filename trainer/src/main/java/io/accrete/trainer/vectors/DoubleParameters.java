package io.accrete.trainer.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.tensor.Init;
import io.accrete.trainer.torch.TorchAlgebra;
import io.accrete.vectors.GoldenTensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Golden parameters in double precision.
 *
 * @param golden by name
 */
record DoubleParameters(Map<String, GoldenTensor> golden) implements TorchAlgebra.Source {
  /** The tensors of a JSON object. */
  static DoubleParameters of(JsonNode tensors) {
    Map<String, GoldenTensor> golden = new LinkedHashMap<>();
    tensors.properties().forEach(entry -> golden.put(entry.getKey(), GoldenTensor.of(entry.getValue())));
    return new DoubleParameters(golden);
  }

  int[] shape(String name) {
    return golden.get(name).shape();
  }

  @Override
  public Tensor get(String name, Init init, int... shape) {
    GoldenTensor found = golden.get(name);
    if (found == null || !Arrays.equals(found.shape(), shape)) {
      throw new IllegalArgumentException("Expected a parameter '" + name + "' of shape " + Arrays.toString(shape) + ", found "
          + (found == null ? "none" : Arrays.toString(found.shape())) + ".");
    }
    return tensor(found.values(), shape);
  }

  static Tensor tensor(double[] values, int... shape) {
    return Tensor.create(values, Arrays.stream(shape).asLongStream().toArray());
  }

  /** Largest difference; NaN if there is one, or if the lengths differ. */
  static double largestError(double[] expected, Tensor found) {
    if (found.numel() != expected.length) {
      return Double.NaN;
    }
    return found.detach().to(ScalarType.Double).reshape(-1).sub(Tensor.create(expected)).abs().max().item_double();
  }
}
