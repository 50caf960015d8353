package io.accrete.trainer.objective;

import io.accrete.trainer.torch.ParameterGroup;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * The photos of objects as tokens: by an encoder that learns, from random views, or from the kept tokens of a frozen one.
 *
 * @param <I> images on their way to the training thread, in plain Java
 */
public interface TokenSource<I> extends AutoCloseable {
  /** Number of photos of each object. */
  int[] photos();

  /** Images in this order. Called by several threads; the same random numbers give the same images. */
  I images(List<Choice> choices, SplittableRandom random);

  /** Their tokens [n, T, D]; called by the training thread. */
  Tensor tokens(I images);

  /** The encoder's parameters that learn, if any do. */
  List<ParameterGroup> groups();

  @Override
  void close();

  /** A photo of an object, by their numbers. */
  record Choice(int object, int photo) {}
}
