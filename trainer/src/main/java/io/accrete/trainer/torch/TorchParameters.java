package io.accrete.trainer.torch;

import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Weights;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The parameters of a model, side by side in one flat float32 tensor, matrices first. Each parameter is a view of it, and each
 * gradient a view of one flat gradient, so that an optimizer, a moving average or a checkpoint deals with two tensors and not with
 * hundreds.
 */
public final class TorchParameters implements TorchAlgebra.Source, AutoCloseable {
  private final Map<String, View> views;
  private final Tensor values;
  private final Tensor gradient;
  private final long matrices;

  private record View(long offset, int[] shape, Tensor tensor) {}

  private TorchParameters(Map<String, io.accrete.tensor.Tensor> initial, boolean trained) {
    Map<String, io.accrete.tensor.Tensor> ordered = new LinkedHashMap<>();
    initial.forEach((name, value) -> {
      if (isMatrix(value.shape())) {
        ordered.put(name, value);
      }
    });
    matrices = ordered.values().stream().mapToLong(value -> value.values().length).sum();
    initial.forEach(ordered::putIfAbsent);
    int size = ordered.values().stream().mapToInt(value -> value.values().length).sum();
    float[] flat = new float[size];
    int offset = 0;
    for (io.accrete.tensor.Tensor value : ordered.values()) {
      System.arraycopy(value.values(), 0, flat, offset, value.values().length);
      offset += value.values().length;
    }
    Map<String, View> byName = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      values = Tensors.keep(Tensor.create(flat, flat.length));
      gradient = trained ? Tensors.keep(torch.zeros(flat.length)) : null;
      long from = 0;
      for (Map.Entry<String, io.accrete.tensor.Tensor> entry : ordered.entrySet()) {
        int[] shape = entry.getValue().shape();
        int length = entry.getValue().values().length;
        long[] lengths = Arrays.stream(shape).asLongStream().toArray();
        Tensor view = Tensors.keep(values.narrow(0, from, length).view(lengths).detach());
        if (trained) {
          view.requires_grad_(true);
          view.mutable_grad().put(gradient.narrow(0, from, length).view(lengths));
        }
        byName.put(entry.getKey(), new View(from, shape, view));
        from += length;
      }
    }
    views = Collections.unmodifiableMap(byName);
  }

  /**
   * The parameters that a model asks for, with their initial values.
   *
   * @param model runs the model once, on any input; called without gradients
   * @param trained whether they will have gradients
   */
  public static TorchParameters of(Parameters initial, boolean trained, Consumer<TorchAlgebra> model) {
    Map<String, io.accrete.tensor.Tensor> found = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      new NoGradGuard(); // ends with the scope
      model.accept(new TorchAlgebra((name, init, shape) -> {
        io.accrete.tensor.Tensor value = found.computeIfAbsent(name, key -> initial.get(key, init, shape));
        return Tensor.create(value.values(), Arrays.stream(shape).asLongStream().toArray());
      }));
    }
    return new TorchParameters(found, trained);
  }

  /** A copy that has no gradients; its flat values are in the same order. */
  public TorchParameters copy() {
    return new TorchParameters(tensors(), false);
  }

  @Override
  public Tensor get(String name, Init init, int... shape) {
    View view = views.get(name);
    if (view == null || !Arrays.equals(view.shape, shape)) {
      throw new IllegalArgumentException("Expected a parameter '" + name + "' of shape " + Arrays.toString(shape) + ", found "
          + (view == null ? "none" : Arrays.toString(view.shape)) + ".");
    }
    return view.tensor;
  }

  /** Number of learned values. */
  public long size() {
    return values.numel();
  }

  /** All values; the first {@link #matrices} belong to tensors of two and more axes. */
  public Tensor values() {
    return values;
  }

  /** The gradient of all values. */
  public Tensor gradient() {
    return gradient;
  }

  /** How many of the values belong to tensors of two and more axes, to which weight decay applies. */
  public long matrices() {
    return matrices;
  }

  /** The views of the flat gradient, one for each parameter, by name. */
  public Map<String, Tensor> gradients() {
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    views.forEach((name, view) -> gradients.put(name, gradient.narrow(0, view.offset, io.accrete.tensor.Tensor.size(view.shape))));
    return gradients;
  }

  /** The values now. */
  public Weights weights() {
    return new Weights(tensors());
  }

  /** In the order of the flat values. */
  private Map<String, io.accrete.tensor.Tensor> tensors() {
    float[] flat = Tensors.floats(values);
    Map<String, io.accrete.tensor.Tensor> tensors = new LinkedHashMap<>();
    views.forEach((name, view) -> {
      int offset = (int) view.offset;
      int length = io.accrete.tensor.Tensor.size(view.shape);
      tensors.put(name, new io.accrete.tensor.Tensor(Arrays.copyOfRange(flat, offset, offset + length), view.shape));
    });
    return tensors;
  }

  private static boolean isMatrix(int... shape) {
    return shape.length >= 2;
  }

  @Override
  public void close() {
    views.values().forEach(view -> view.tensor.releaseReference());
    values.releaseReference();
    if (gradient != null) {
      gradient.releaseReference();
    }
  }
}
