package io.accrete.trainer.torch;

import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Weights;
import io.accrete.trainer.data.Seeds;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Low-rank adaptation (Hu et al. 2022) of a vision transformer: the query, key and value projections become {@code W + (α / r)·B·A},
 * and their biases learn too; everything else is as it was and has no gradients. B starts at zero, so that nothing changes at first.
 */
public final class Lora implements TorchAlgebra.Source {
  private static final String LAYER = ".attn.qkv";

  private final TorchParameters base;
  private final TorchParameters additions;
  private final Shape shape;
  private final long seed;

  /**
   * How much is added.
   *
   * @param rank r
   * @param alpha α
   * @param dropout probability that an input of A is left out of a training step
   */
  public record Shape(int rank, double alpha, double dropout) {
    public Shape {
      if (rank < 1 || !(dropout >= 0 && dropout < 1)) {
        throw new IllegalArgumentException("Expected a rank of at least 1 and a dropout from 0 to below 1; found " + rank + " and "
            + dropout + ".");
      }
    }

    /** The paper's: rank 48, α 16, dropout .1. */
    public static Shape standard() {
      return new Shape(48, 16, 0.1);
    }
  }

  /**
   * Additions to these parameters.
   *
   * @param additions from {@link #fresh}, or a copy of them
   * @param seed of the dropout
   */
  public Lora(TorchParameters base, TorchParameters additions, Shape shape, long seed) {
    this.base = base;
    this.additions = additions;
    this.shape = shape;
    this.seed = seed;
  }

  /**
   * The parameters that will learn: A, B and the biases of each projection, named as the projection.
   *
   * @throws IllegalArgumentException if the parameters are not those of a transformer
   */
  public static TorchParameters fresh(TorchParameters base, Shape shape, long seed) {
    Weights weights = base.weights();
    Parameters random = Parameters.random(seed);
    if (weights.tensors().keySet().stream().noneMatch(Lora::isAdapted)) {
      throw new IllegalArgumentException("Expected parameters of a vision transformer, with names that end in '" + LAYER
          + ".weight'; found " + weights.tensors().keySet() + ".");
    }
    Parameters initial = (name, init, lengths) -> (weights.tensors().containsKey(name) ? weights : random).get(name, init, lengths);
    return TorchParameters.of(initial, true, algebra -> weights.tensors().forEach((name, value) -> {
      if (isAdapted(name)) {
        algebra.parameter(a(name), Init.TRUNCATED_NORMAL, shape.rank, value.shape()[1]);
        algebra.parameter(b(name), Init.ZEROS, value.shape()[0], shape.rank);
      } else if (isTrainedBias(name)) {
        algebra.parameter(name, Init.ZEROS, value.shape());
      }
    }));
  }

  /** What learns. */
  public TorchParameters additions() {
    return additions;
  }

  /** The same with other values of the additions. */
  public Lora with(TorchParameters other) {
    return new Lora(base, other, shape, seed);
  }

  /** The adapted parameters, without dropout. */
  @Override
  public Tensor get(String name, Init init, int... lengths) {
    return get(name, init, null, lengths);
  }

  /**
   * The adapted parameters with the dropout of a training step. It leaves inputs of A out for the whole step and not anew for each token,
   * because then it is a change of the weights alone: the model needs to know nothing of it, and the cost does not grow with the tokens.
   * The same seed and step leave out the same inputs.
   */
  public TorchAlgebra.Source training(long step) {
    return shape.dropout == 0 ? this : (name, init, lengths) -> get(name, init, step, lengths);
  }

  /** Ordinary parameters that compute the same, without dropout. */
  public Weights merged() {
    Map<String, io.accrete.tensor.Tensor> merged = new TreeMap<>(base.weights().tensors());
    try (PointerScope scope = new PointerScope()) {
      new NoGradGuard(); // ends with the scope
      merged.replaceAll((name, value) -> isAdapted(name) || isTrainedBias(name)
          ? new io.accrete.tensor.Tensor(Tensors.floats(get(name, Init.ZEROS, value.shape())), value.shape()) : value);
    }
    return new Weights(merged);
  }

  private Tensor get(String name, Init init, Long step, int... lengths) {
    if (isTrainedBias(name)) {
      return additions.get(name, init, lengths);
    }
    Tensor weight = base.get(name, init, lengths).detach();
    if (!isAdapted(name)) {
      return weight;
    }
    Tensor a = additions.get(a(name), Init.TRUNCATED_NORMAL, shape.rank, lengths[1]);
    Tensor b = additions.get(b(name), Init.ZEROS, lengths[0], shape.rank);
    Tensor kept = step == null ? a : a.mul(mask(step, name, lengths[1]));
    // In bfloat16 the product would lose what it has learned beside the weight.
    return Autocast.off(() -> weight.add(torch.mm(b, kept), new Scalar(shape.alpha / shape.rank)));
  }

  private Tensor mask(long step, String name, int inputs) {
    SplittableRandom random = Seeds.random(seed, step, name.hashCode());
    float[] mask = new float[inputs];
    for (int i = 0; i < inputs; i++) {
      mask[i] = random.nextDouble() < shape.dropout ? 0 : (float) (1 / (1 - shape.dropout));
    }
    return Tensor.create(mask, 1, inputs);
  }

  private static boolean isAdapted(String name) {
    return name.endsWith(LAYER + ".weight");
  }

  private static boolean isTrainedBias(String name) {
    return name.endsWith(LAYER + ".bias");
  }

  private static String a(String weight) {
    return weight.replace(".weight", ".lora_a");
  }

  private static String b(String weight) {
    return weight.replace(".weight", ".lora_b");
  }
}
