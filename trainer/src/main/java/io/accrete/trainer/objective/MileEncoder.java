package io.accrete.trainer.objective;

import io.accrete.trainer.torch.TorchParameters;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The encoder under {@link MileObjective}: crops become tokens, once as the student sees them and once as the teacher does.
 *
 * @param <I> see {@link MileBatch}
 */
public interface MileEncoder<I> {
  /** What of it learns, if anything does. */
  Optional<TorchParameters> learned();

  /** Tokens [n, T, D] by the parameters that learn, in a step; {@code size} is the crops' pixels per side. */
  Tensor student(I images, int size, long step);

  /** Tokens [n, T, D] by a copy of what learns, or null if nothing does; without gradients. */
  Tensor teacher(I images, int size, TorchParameters copy);

  /** A frozen encoder: the images are its tokens [n, tokens, dimension], the same to both. */
  static MileEncoder<float[]> ofTokens(int tokens, int dimension) {
    return new MileEncoder<>() {
      @Override
      public Optional<TorchParameters> learned() {
        return Optional.empty();
      }

      @Override
      public Tensor student(float[] images, int size, long step) {
        return Tensor.create(images, images.length / (tokens * dimension), tokens, dimension);
      }

      @Override
      public Tensor teacher(float[] images, int size, TorchParameters copy) {
        return student(images, size, 0);
      }
    };
  }
}
