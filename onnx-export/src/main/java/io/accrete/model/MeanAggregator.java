package io.accrete.model;

import io.accrete.tensor.Algebra;

/**
 * The baseline: the state is the running mean of the images' unit-length CLS tokens, {@code m + (unit(cls) - m) / (count + 1)}.
 *
 * @param dimension D
 */
public record MeanAggregator(int dimension) implements Aggregator, AggregatorConfig {
  @Override
  public Aggregator aggregator() {
    return this;
  }

  @Override
  public int stateTokens() {
    return 1;
  }

  @Override
  public <T> T first(Algebra<T> a, T tokens) {
    return a.l2Normalize(a.slice(tokens, 1, 0, 1));
  }

  @Override
  public <T> T next(Algebra<T> a, T state, T tokens, T count) {
    return a.add(state, a.div(a.sub(first(a, tokens), state), a.add(count, a.constant(1f))));
  }

  @Override
  public MeanAggregator withPatches(int number) {
    return this;
  }
}
