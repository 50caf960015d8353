package io.accrete.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.accrete.bundle.AggregatorGraph;
import io.accrete.model.Aggregator;
import io.accrete.model.ConsensusAggregator;
import io.accrete.model.ConsensusConfig;
import io.accrete.onnx.GraphRun;
import io.accrete.tensor.Init;
import io.accrete.tensor.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsensusTest {
  private static final int D = 16;
  private static final int TOKENS = 5;
  private static final int IMAGES = 8;

  @ParameterizedTest
  @CsvSource({"false, 1", "true, 1", "false, 3", "true, 3"})
  void shouldFoldAsTheExportedAggregatorDoes(boolean adapter, int exemplars) {
    Aggregator aggregator = aggregator(adapter, exemplars);
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

  /** Where the adapter starts as nothing, it must still feel what it could change; free and joined exemplars must not hinder it. */
  @Test
  void shouldHaveGradientsFromTheStart() {
    Aggregator aggregator = aggregator(true, 3);
    Random random = new Random(6);
    try (PointerScope scope = new PointerScope(); TorchParameters parameters = parameters(aggregator, Parameters.random(2))) {
      TorchAlgebra algebra = new TorchAlgebra(parameters);
      Tensor state = aggregator.first(algebra, Tensor.create(tokens(random), 2, TOKENS, D));
      Tensor sum = torch.zeros(1);
      for (int count = 0; count < IMAGES; count++) {
        if (count > 0) {
          Tensor before = torch.tensor((float) count).reshape(1, 1, 1);
          state = aggregator.next(algebra, state, Tensor.create(tokens(random), 2, TOKENS, D), before);
        }
        Tensor direction = Tensor.create(tokens(random), 2, TOKENS, D).select(1, 0);
        sum = sum.add(aggregator.embedding(algebra, state).mul(direction).sum());
      }
      sum.backward();
      assertThat(norm(parameters, "adapter.mha.out_proj.weight")).isPositive();
      assertThat(norm(parameters, "adapter.mlpblock.2.weight")).isPositive();
      assertThat(parameters.gradient().isfinite().all().item_bool()).isTrue();
      assertThat(parameters.gradient().abs().max().item_double()).isLessThan(1e3);
    }
  }

  private static double norm(TorchParameters parameters, String name) {
    return parameters.gradients().get(name).norm(new Scalar(2)).item_double();
  }

  private static TorchParameters parameters(Aggregator aggregator, Parameters weights) {
    return TorchParameters.of(weights, true,
        a -> aggregator.step(a, torch.zeros(1, aggregator.stateTokens(), D), torch.zeros(1, TOKENS, D), torch.ones(1)));
  }

  private static Aggregator aggregator(boolean adapter, int exemplars) {
    return new ConsensusAggregator(new ConsensusConfig(D, 2, 0, TOKENS - 1, adapter, exemplars));
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
