package io.accrete.trainer.objective;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;

/**
 * The projection head of DINO (Caron et al. 2021): a GELU network of three layers to a bottleneck of unit length, then cosines with one
 * unit vector for each class (a weight-normalised layer without bias, its gain fixed at 1). It is thrown away after training. Parameter
 * names: {@code mlp.0}, {@code mlp.2}, {@code mlp.4}, and {@code last_layer.weight_v}, which is asked for by {@link #logits} alone.
 *
 * @param in D, length of an embedding
 * @param hidden width of the two hidden layers
 * @param bottleneck length of what the classes are compared with
 * @param classes K
 */
public record DinoHead(int in, int hidden, int bottleneck, int classes) {
  /** Embeddings [n, D] → unit vectors [n, bottleneck]. */
  public <T> T project(Algebra<T> a, T embeddings) {
    T first = a.gelu(linear(a, "mlp.0", embeddings, in, hidden));
    T second = a.gelu(linear(a, "mlp.2", first, hidden, hidden));
    return a.l2Normalize(linear(a, "mlp.4", second, hidden, bottleneck));
  }

  /** Unit vectors [n, bottleneck] → cosines [n, K]. */
  public <T> T logits(Algebra<T> a, T projected) {
    return a.linear(projected, a.l2Normalize(a.parameter("last_layer.weight_v", Init.TRUNCATED_NORMAL, classes, bottleneck)), null);
  }

  private static <T> T linear(Algebra<T> a, String name, T x, int in, int out) {
    return a.linear(x, a.parameter(name + ".weight", Init.TRUNCATED_NORMAL, out, in), a.parameter(name + ".bias", Init.ZEROS, out));
  }
}
