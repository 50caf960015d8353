package io.accrete.tensor;

import java.util.List;

/**
 * The operations in which models are written, once. An interpreter gives them meaning: it writes them down as an ONNX graph, or
 * computes and differentiates them. Shapes follow NumPy (broadcasting, negative axes count from the end); axis 0 is the batch and
 * of unknown length, all other axes are known when a model is interpreted.
 *
 * @param <T> the interpreter's handle of a tensor
 */
public interface Algebra<T> {
  /** A learned tensor; the same name is the same tensor. */
  T parameter(String name, Init init, int... shape);

  /** A fixed tensor. */
  T constant(Tensor value);

  /** A fixed scalar. */
  default T constant(float value) {
    return constant(new Tensor(new float[] {value}));
  }

  T add(T a, T b);

  T sub(T a, T b);

  T mul(T a, T b);

  T div(T a, T b);

  T matMul(T a, T b);

  /** {@code x · weightᵀ + bias} over the last axis; weight is [out, in], bias [out] or null. */
  T linear(T x, T weight, T bias);

  /** Normalises the last axis; the variance is the biased one. */
  T layerNorm(T x, T weight, T bias, float epsilon);

  /** Normalises each group of channels of x [batch, channels, height, width]; weight and bias are [channels]. */
  T groupNorm(T x, int groups, T weight, T bias, float epsilon);

  /** Cross-correlation of x [batch, in, height, width] with weight [out, in, k, k]; bias is [out]; zero padding on all sides. */
  T conv2d(T x, T weight, T bias, int stride, int padding);

  /** {@code softmax(q · kᵀ · scale) · v} for q [batch, heads, n, d], k and v [batch, heads, m, d]. */
  T attention(T q, T k, T v, double scale);

  T softmax(T x, int axis);

  /** {@code x · Φ(x)} with the exact normal distribution function. */
  T gelu(T x);

  T relu(T x);

  T exp(T x);

  T sigmoid(T x);

  T tanh(T x);

  /** At most one length may be -1: what is left. */
  T reshape(T x, int... shape);

  T transpose(T x, int... permutation);

  T concat(int axis, List<T> parts);

  /** The part [from, to) of one axis. */
  T slice(T x, int axis, int from, int to);

  /** Repeats x [1, ...] along the batch as often as {@code like} is long. */
  T expandBatch(T x, T like);

  /** Mean over one axis, which stays with length 1. */
  T mean(T x, int axis);

  /** {@code x / max(|x|₂, 1e-12)} over the last axis: unit length, and zero stays zero. */
  T l2Normalize(T x);

  /** True where x is 0; a condition for {@link #where}. */
  T isZero(T x);

  /** 1 at the first of the largest of the last axis, which has that length, and 0 elsewhere; nothing can be learned through it. */
  T oneHotOfLargest(T x, int length);

  /** Selects; what is not selected has no influence, NaN included. */
  T where(T condition, T ifTrue, T ifFalse);

  /** The same numbers as float32. */
  T toFloat(T x);
}
