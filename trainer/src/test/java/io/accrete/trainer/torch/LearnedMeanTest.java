package io.accrete.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.model.Aggregator;
import io.accrete.model.LearnedMeanAggregator;
import io.accrete.model.LearnedMeanConfig;
import io.accrete.model.LearnedMeanConfig.Weighting;
import io.accrete.onnx.GraphRun;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearnedMeanTest {
  private static final int D = 16;
  private static final int TOKENS = 5;
  private static final int IMAGES = 4;

  static Stream<LearnedMeanConfig> variants() {
    return Stream.of(false, true).flatMap(adapter -> Stream.of(Weighting.values()).flatMap(weighting -> Stream.of(
        config(adapter, weighting, false, 0), config(adapter, weighting, true, 0), config(adapter, weighting, true, 2))));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void shouldFoldAsTheExportedAggregatorDoes(LearnedMeanConfig config) {
    Aggregator aggregator = new LearnedMeanAggregator(config);
    Parameters weights = (name, init, shape) -> Parameters.random(1).get(name, Init.truncatedNormal(0.3), shape);
    int s = aggregator.stateTokens();
    Random random = new Random(5);
    try (PointerScope scope = new PointerScope(); TorchParameters parameters = parameters(aggregator, weights);
        GraphRun run = GraphRun.of(AggregatorGraph.of(aggregator, weights, TOKENS, false, Map.of()).model())) {
      Tensor state = torch.zeros(2, s, D);
      float[] served = new float[2 * s * D];
      for (int count = 0; count < IMAGES; count++) {
        float[] tokens = tokens(random);
        var step = aggregator.step(new TorchAlgebra(parameters), state, Tensor.create(tokens, 2, TOKENS, D),
            torch.tensor(new long[] {count, count}));
        state = step.state();
        Map<String, TensorProto> out = run.run(List.of(io.accrete.onnx.Tensors.floats("state", served, 2, s, D),
            io.accrete.onnx.Tensors.floats("tokens", tokens, 2, TOKENS, D), io.accrete.onnx.Tensors.longs("count", count, count)));
        served = io.accrete.onnx.Tensors.toTensor(out.get("next_state")).values();
        assertThat(difference(Tensors.floats(state), served)).isLessThan(1e-5);
        assertThat(difference(Tensors.floats(step.embedding()), io.accrete.onnx.Tensors.toTensor(out.get("embedding")).values()))
            .isLessThan(1e-5);
      }
    }
  }

  static Stream<LearnedMeanConfig> learned() {
    return variants().skip(1); // the first is the plain mean
  }

  /** Where every part starts as nothing, every part must still feel what it could change. */
  @ParameterizedTest
  @MethodSource("learned")
  void shouldHaveGradientsFromTheStart(LearnedMeanConfig config) {
    Aggregator aggregator = new LearnedMeanAggregator(config);
    Random random = new Random(6);
    try (PointerScope scope = new PointerScope(); TorchParameters parameters = parameters(aggregator, Parameters.random(2))) {
      TorchAlgebra algebra = new TorchAlgebra(parameters);
      Tensor state = aggregator.first(algebra, Tensor.create(tokens(random), 2, TOKENS, D));
      state = aggregator.next(algebra, state, Tensor.create(tokens(random), 2, TOKENS, D), torch.ones(2, 1, 1));
      Tensor direction = Tensor.create(tokens(random), 2, TOKENS, D).select(1, 0);
      aggregator.embedding(algebra, state).mul(direction).sum().backward();
      if (config.adapter()) {
        assertThat(norm(parameters, "adapter.mha.out_proj.weight")).isPositive();
        assertThat(norm(parameters, "adapter.mlpblock.2.weight")).isPositive();
      }
      if (config.residual()) {
        assertThat(norm(parameters, "residual.mha.out_proj.weight")).isPositive();
        assertThat(norm(parameters, "residual.mlpblock.2.weight")).isPositive();
      }
      if (config.weighting() != Weighting.NONE) {
        assertThat(norm(parameters, "quality.score.weight")).isPositive();
      }
      if (config.weighting() == Weighting.AGREEMENT) {
        assertThat(norm(parameters, "quality.agreement")).isPositive();
      }
      assertThat(parameters.gradient().isfinite().all().item_bool()).isTrue();
    }
  }

  private static double norm(TorchParameters parameters, String name) {
    return parameters.gradients().get(name).norm(new Scalar(2)).item_double();
  }

  private static TorchParameters parameters(Aggregator aggregator, Parameters weights) {
    return TorchParameters.of(weights, true,
        a -> aggregator.step(a, torch.zeros(1, aggregator.stateTokens(), D), torch.zeros(1, TOKENS, D), torch.ones(1)));
  }

  private static LearnedMeanConfig config(boolean adapter, Weighting weighting, boolean residual, int memory) {
    return new LearnedMeanConfig(D, 2, 0, TOKENS - 1, adapter, weighting, residual, memory);
  }

  private static float[] tokens(Random random) {
    float[] tokens = new float[2 * TOKENS * D];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = (float) random.nextGaussian();
    }
    return tokens;
  }

  private static double difference(float[] expected, float[] found) {
    assertThat(found).hasSameSizeAs(expected);
    double largest = 0;
    for (int i = 0; i < found.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i] - found[i]));
    }
    return largest;
  }
}
