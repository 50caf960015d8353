package io.accrete.trainer.objective;

import io.accrete.trainer.torch.ParameterGroup;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** Tokens of a frozen encoder, computed once: the cheap way, and the only one for an encoder that is known as a graph alone. */
public final class FrozenTokens implements TokenSource<float[]> {
  private final List<List<List<float[]>>> kept;
  private final int tokens;
  private final int dimension;

  /**
   * Tokens by object, photo and view.
   *
   * @param kept at least one view of each photo, each of tokens · dimension floats
   */
  public FrozenTokens(List<List<List<float[]>>> kept, int tokens, int dimension) {
    this.kept = kept;
    this.tokens = tokens;
    this.dimension = dimension;
  }

  @Override
  public int[] photos() {
    return kept.stream().mapToInt(List::size).toArray();
  }

  @Override
  public float[] images(List<Choice> choices, SplittableRandom random) {
    FloatBuffer images = FloatBuffer.allocate(choices.size() * tokens * dimension);
    for (Choice choice : choices) {
      List<float[]> views = kept.get(choice.object()).get(choice.photo());
      images.put(views.get(random.nextInt(views.size())));
    }
    return images.array();
  }

  @Override
  public Tensor tokens(float[] images) {
    return Tensor.create(images, images.length / (tokens * dimension), tokens, dimension);
  }

  @Override
  public List<ParameterGroup> groups() {
    return List.of();
  }

  @Override
  public void close() {}
}
