package io.accrete.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradientClipTest {
  private final PointerScope scope = new PointerScope();
  private final TorchParameters one = TorchParameters.of(Parameters.random(1), true, a -> {
    a.parameter("long", Init.ZEROS, 1, 2);
    a.parameter("short", Init.ZEROS, 2);
  });
  private final TorchParameters other = TorchParameters.of(Parameters.random(1), true, a -> a.parameter("other", Init.ZEROS, 1));
  private final List<ParameterGroup> groups = List.of(new ParameterGroup("one", one), new ParameterGroup("other", other));

  @BeforeEach
  void gradients() {
    try (NoGradGuard none = new NoGradGuard()) {
      one.gradient().copy_(Tensor.create(6f, 8f, 0.3f, 0.4f)); // of lengths 10 and .5
      other.gradient().copy_(Tensor.create(-4f));
    }
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
    scope.close();
  }

  @Test
  void shouldShortenEachParameterThatIsTooLong() {
    assertThat(clipped(new GradientClip(5, 0))).containsExactly(new float[] {3, 4, 0.3f, 0.4f, -4}, within(1e-6f));
  }

  @Test
  void shouldShortenAllTogether() {
    float factor = (float) (1 / Math.sqrt(100 + 0.25 + 16));

    assertThat(clipped(new GradientClip(0, 1))).containsExactly(
        new float[] {6 * factor, 8 * factor, 0.3f * factor, 0.4f * factor, -4 * factor}, within(1e-6f));
  }

  @Test
  void shouldMeasureAllAfterEachIsShortened() {
    float factor = (float) (3 / Math.sqrt(25 + 0.25 + 16));

    assertThat(clipped(new GradientClip(5, 3))).containsExactly(
        new float[] {3 * factor, 4 * factor, 0.3f * factor, 0.4f * factor, -4 * factor}, within(1e-6f));
  }

  @Test
  void shouldLeaveWhatIsShortEnough() {
    assertThat(clipped(new GradientClip(10.1, 11))).containsExactly(6, 8, 0.3f, 0.4f, -4);
    assertThat(clipped(new GradientClip(0, 0))).containsExactly(6, 8, 0.3f, 0.4f, -4);
  }

  private float[] clipped(GradientClip clip) {
    try (NoGradGuard none = new NoGradGuard()) {
      clip.apply(groups);
    }
    float[] all = new float[5];
    System.arraycopy(Tensors.floats(one.gradient()), 0, all, 0, 4);
    all[4] = Tensors.floats(other.gradient())[0];
    return all;
  }
}
