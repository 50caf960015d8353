package io.accrete.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import io.accrete.tensor.Weights;
import io.accrete.trainer.torch.Lora.Shape;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoraTest {
  private static final int SIZE = 16;
  private static final Shape SHAPE = new Shape(4, 2, 0.25);
  private static final String WEIGHT = "blocks.1.attn.qkv.weight";

  private final PointerScope scope = new PointerScope();
  private final Vit vit = new Vit(VitConfig.plain(new Stem.Patch(8), SIZE, 24, 2, 2));
  private final TorchParameters base = TorchParameters.of(Parameters.random(3), true, this::model);
  private final TorchParameters additions = Lora.fresh(base, SHAPE, 4);
  private final Lora lora = new Lora(base, additions, SHAPE, 5);
  private final Tensor pixels = torch.randn(2, 3, SIZE, SIZE);

  @AfterEach
  void close() {
    additions.close();
    base.close();
    scope.close();
  }

  @Test
  void shouldChangeNothingUntrained() {
    assertThat(tokens(lora)).isEqualTo(tokens(base));
    assertThat(tokens(lora.training(7))).isEqualTo(tokens(base));
  }

  @Test
  void shouldMergeIntoOrdinaryParametersThatComputeTheSame() {
    learn();
    float[] adapted = tokens(lora);
    assertThat(difference(adapted, tokens(base))).isGreaterThan(1e-2f);

    Weights merged = lora.merged();

    assertThat(merged.tensors().keySet()).isEqualTo(base.weights().tensors().keySet());
    try (TorchParameters plain = TorchParameters.of(merged, false, this::model)) {
      assertThat(difference(adapted, tokens(plain))).isLessThan(1e-6f);
    }
  }

  @Test
  void shouldGiveGradientsToTheAdditionsAlone() {
    learn();
    vit.tokens(new TorchAlgebra(lora.training(1)), pixels, SIZE).square().sum().backward();

    assertThat(base.gradient().abs().sum().item_double()).isZero();
    assertThat(additions.gradients()).hasSize(2 * 3).allSatisfy((name, gradient) -> {
      assertThat(name).matches("blocks\\.[01]\\.attn\\.qkv\\.(lora_a|lora_b|bias)");
      assertThat(gradient.abs().sum().item_double()).isPositive();
    });
  }

  @Test
  void shouldLeaveOutTheSameInputsInTheSameStep() {
    learn();
    float[] first = values(lora.training(1));

    assertThat(values(lora.training(1))).isEqualTo(first);
    assertThat(values(lora.training(2))).isNotEqualTo(first);
    assertThat(values(new Lora(base, additions, SHAPE, 6).training(1))).isNotEqualTo(first);
    assertThat(values(new Lora(base, additions, new Shape(4, 2, 0), 5).training(1))).isEqualTo(values(lora));
  }

  /** An input that is left out adds nothing; the others add what keeps the mean. */
  @Test
  void shouldLeaveOutWholeInputs() {
    learn();
    float[] plain = values(base);
    float[] whole = values(lora);
    float[] dropped = values(lora.training(1));
    int out = 0;
    for (int i = 0; i < 24; i++) {
      boolean left = dropped[i] == plain[i];
      out += left ? 1 : 0;
      for (int row = i; row < plain.length; row += 24) {
        float expected = left ? 0 : (whole[row] - plain[row]) / 0.75f;
        assertThat(dropped[row] - plain[row]).isCloseTo(expected, within(1e-6f));
      }
    }
    assertThat(out).isBetween(1, 14);
  }

  @Test
  void shouldRefuseWhatIsNoTransformer() {
    try (TorchParameters other = TorchParameters.of(Parameters.random(1), false, a -> a.parameter("weight", Init.ONES, 2, 2))) {
      assertThatThrownBy(() -> Lora.fresh(other, SHAPE, 1)).hasMessageContaining(".attn.qkv.weight").hasMessageContaining("found [weight]");
    }
  }

  private void learn() {
    try (NoGradGuard none = new NoGradGuard()) {
      additions.values().normal_(0, 0.3, new GeneratorOptional());
    }
  }

  private Tensor model(TorchAlgebra algebra) {
    return vit.tokens(algebra, torch.zeros(1, 3, SIZE, SIZE), SIZE);
  }

  private float[] tokens(TorchAlgebra.Source source) {
    return Tensors.floats(vit.tokens(new TorchAlgebra(source), pixels, SIZE));
  }

  private static float[] values(TorchAlgebra.Source source) {
    return Tensors.floats(source.get(WEIGHT, Init.ZEROS, 72, 24));
  }

  private static float difference(float[] a, float[] b) {
    assertThat(a).hasSameSizeAs(b);
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
