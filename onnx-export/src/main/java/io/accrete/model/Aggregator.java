package io.accrete.model;

import io.accrete.tensor.Algebra;

/**
 * Folds the tokens [batch, T, D] of one more image into the state [batch, S, D] of an object. Training calls the parts in sequence;
 * the exported graph is {@link #step}.
 */
public interface Aggregator {
  /** S. */
  int stateTokens();

  /** D, which is also the length of the embedding. */
  int dimension();

  /** State after the first image. */
  <T> T first(Algebra<T> a, T tokens);

  /** State after one more image; {@code count} [batch, 1, 1], float, is the number of images already in the state. */
  <T> T next(Algebra<T> a, T state, T tokens, T count);

  /** Unit-length embedding [batch, D] of a state. */
  default <T> T embedding(Algebra<T> a, T state) {
    return a.l2Normalize(a.reshape(a.slice(state, 1, 0, 1), -1, dimension()));
  }

  /** One step for each row of the batch: the first image where {@code count} [batch] is 0, whatever the state, and the next elsewhere. */
  default <T> Step<T> step(Algebra<T> a, T state, T tokens, T count) {
    T column = a.reshape(a.toFloat(count), -1, 1, 1);
    T next = a.where(a.isZero(column), first(a, tokens), next(a, state, tokens, column));
    return new Step<>(next, embedding(a, next));
  }

  /**
   * What a step gives.
   *
   * @param state [batch, S, D]
   * @param embedding [batch, D], unit length
   */
  record Step<T>(T state, T embedding) {}
}
