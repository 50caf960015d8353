package io.accrete.model;

import io.accrete.tensor.Algebra;
import io.accrete.tensor.Init;
import java.util.List;

/**
 * The gated cross-attention aggregator of MILE (Leotescu et al., WACV 2025): {@code z ← (1 − α)·X(z, t) + α·z} with
 * {@code α = tanh(a)}. X attends from the normalised state to the normalised tokens, adds the state, and adds a GELU network of the
 * normalised result. Parameter names: {@code norm_q}, {@code norm_kv}, {@code norm_post_attn}, {@code mha.in_proj_*} (query, key and
 * value stacked in rows), {@code mha.out_proj}, {@code mlpblock.0}, {@code mlpblock.2}, {@code gate_alpha}.
 */
public final class MileAggregator implements Aggregator {
  private static final float EPSILON = 1e-5f;

  private final MileConfig config;

  public MileAggregator(MileConfig config) {
    this.config = config;
  }

  public MileConfig config() {
    return config;
  }

  @Override
  public int stateTokens() {
    return config.stateTokens();
  }

  @Override
  public int dimension() {
    return config.dimension();
  }

  @Override
  public <T> T first(Algebra<T> a, T tokens) {
    return a.slice(tokens, 1, 0, stateTokens());
  }

  @Override
  public <T> T next(Algebra<T> a, T state, T tokens, T count) {
    T alpha = a.tanh(a.parameter("gate_alpha", Init.ZEROS));
    T attended = crossAttention(a, state, keys(a, tokens));
    return a.add(a.mul(a.sub(a.constant(1f), alpha), attended), a.mul(alpha, state));
  }

  private <T> T crossAttention(Algebra<T> a, T state, T keys) {
    Layers<T> layers = new Layers<>(a);
    int d = config.dimension();
    Init last = config.identityStart() ? Init.ZEROS : Init.TRUNCATED_NORMAL;
    T y = a.add(attention(a, layers, layers.layerNorm("norm_q", state, d, EPSILON), layers.layerNorm("norm_kv", keys, d, EPSILON), last),
        state);
    T hidden = a.gelu(layers.linear("mlpblock.0", layers.layerNorm("norm_post_attn", y, d, EPSILON), d, 2 * d));
    T fed = layers.linear("mlpblock.2", hidden, 2 * d, d, true, last);
    return a.add(fed, config.explicitResidual() ? state : y);
  }

  private <T> T attention(Algebra<T> a, Layers<T> layers, T query, T keys, Init last) {
    int d = config.dimension();
    T weight = a.parameter("mha.in_proj_weight", Init.TRUNCATED_NORMAL, 3 * d, d);
    T bias = a.parameter("mha.in_proj_bias", Init.ZEROS, 3 * d);
    T q = a.linear(query, a.slice(weight, 0, 0, d), a.slice(bias, 0, 0, d));
    T kv = a.linear(keys, a.slice(weight, 0, d, 3 * d), a.slice(bias, 0, d, 3 * d));
    T mixed = a.attention(
        layers.splitHeads(q, stateTokens(), config.heads(), d),
        layers.splitHeads(a.slice(kv, 2, 0, d), config.keys(), config.heads(), d),
        layers.splitHeads(a.slice(kv, 2, d, 2 * d), config.keys(), config.heads(), d),
        Layers.scale(d, config.heads()));
    return layers.linear("mha.out_proj", layers.mergeHeads(mixed, stateTokens(), d), d, d, true, last);
  }

  private <T> T keys(Algebra<T> a, T tokens) {
    int front = 1 + config.registers();
    return switch (config.mode()) {
      case CLS -> a.slice(tokens, 1, 0, 1);
      case REGISTERS -> a.slice(tokens, 1, 0, front);
      case PATCHES -> {
        T patches = a.slice(tokens, 1, front, config.tokens());
        yield config.clsKey() ? a.concat(1, List.of(a.slice(tokens, 1, 0, 1), patches)) : patches;
      }
    };
  }
}
