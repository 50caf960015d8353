package io.accrete.streams.encode;

import io.accrete.runtime.Folded;

/** Folds one image's tokens into an object's state. An instance belongs to exactly one model version. */
@FunctionalInterface
public interface StateFolder {
  /**
   * Folds.
   *
   * @param state S·D floats; null if and only if count is 0
   * @param tokens T·D floats of the image
   * @param count number of images folded into the state so far
   */
  Folded fold(float[] state, float[] tokens, long count);
}
