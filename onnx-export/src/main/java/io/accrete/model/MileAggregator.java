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
  private final MileConfig config;
  private final CrossAttention block;

  public MileAggregator(MileConfig config) {
    this.config = config;
    block = new CrossAttention("", config.dimension(), config.heads(), config.explicitResidual(), config.identityStart());
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
    T attended = a.add(state, block.change(a, state, stateTokens(), keys(a, tokens), config.keys()));
    return a.add(a.mul(a.sub(a.constant(1f), alpha), attended), a.mul(alpha, state));
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
