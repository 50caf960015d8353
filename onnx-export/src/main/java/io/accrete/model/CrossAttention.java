package io.accrete.model;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;

/**
 * MILE's cross-attention block: the normalised state attends to normalised keys, then a GELU network of twice the width follows.
 *
 * @param prefix of the parameters' names
 * @param dimension D
 * @param heads attention heads; they divide D
 * @param explicitResidual whether the change is the network's output alone instead of its sum with what was attended
 * @param zeroStart whether fresh weights change nothing
 */
record CrossAttention(String prefix, int dimension, int heads, boolean explicitResidual, boolean zeroStart) {
  private static final float EPSILON = 1e-5f;

  /** What is to be added to {@code state} [batch, states, D], given {@code keys} [batch, keyCount, D]. */
  <T> T change(Algebra<T> a, T state, int states, T keys, int keyCount) {
    Layers<T> layers = new Layers<>(a);
    int d = dimension;
    T q = layers.layerNorm(prefix + "norm_q", state, d, EPSILON);
    T kv = layers.layerNorm(prefix + "norm_kv", keys, d, EPSILON);
    T attended = attention(a, layers, q, states, kv, keyCount);
    T normalized = layers.layerNorm(prefix + "norm_post_attn", a.add(attended, state), d, EPSILON);
    T hidden = a.gelu(layers.linear(prefix + "mlpblock.0", normalized, d, 2 * d));
    T fed = layers.linear(prefix + "mlpblock.2", hidden, 2 * d, d, true, last());
    return explicitResidual ? fed : a.add(attended, fed);
  }

  /**
   * Multi-head attention that projects the queries instead of the keys and values: {@code q · (W_k t + b_k) = (W_kᵀ q) · t} plus what is
   * the same for all t, and {@code Σ pᵢ (W_v tᵢ + b_v) = W_v Σ pᵢ tᵢ + b_v}. There are few states and many keys: of 37 keys and one state
   * this is a thirtieth of the work.
   */
  private <T> T attention(Algebra<T> a, Layers<T> layers, T query, int states, T keys, int keyCount) {
    int d = dimension;
    T weight = a.parameter(prefix + "mha.in_proj_weight", Init.TRUNCATED_NORMAL, 3 * d, d);
    T bias = a.parameter(prefix + "mha.in_proj_bias", Init.ZEROS, 3 * d);
    T q = layers.splitHeads(a.linear(query, a.slice(weight, 0, 0, d), a.slice(bias, 0, 0, d)), states, heads, d);
    T keyWeight = a.reshape(a.slice(weight, 0, d, 2 * d), 1, heads, d / heads, d);
    T valueWeight = a.reshape(a.slice(weight, 0, 2 * d, 3 * d), 1, heads, d / heads, d);
    T queries = a.reshape(a.matMul(q, keyWeight), -1, 1, heads * states, d);
    T tokens = a.reshape(keys, -1, 1, keyCount, d);
    T read = a.reshape(a.attention(queries, tokens, tokens, Layers.scale(d, heads)), -1, heads, states, d);
    T mixed = layers.mergeHeads(a.matMul(read, a.transpose(valueWeight, 0, 1, 3, 2)), states, d);
    return layers.linear(prefix + "mha.out_proj", a.add(mixed, a.slice(bias, 0, 2 * d, 3 * d)), d, d, true, last());
  }

  private Init last() {
    return zeroStart ? Init.ZEROS : Init.TRUNCATED_NORMAL;
  }
}
