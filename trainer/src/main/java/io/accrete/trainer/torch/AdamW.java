package io.accrete.trainer.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW (Loshchilov and Hutter 2019) over flat parameters: a dozen operations a step, whatever the number of tensors. Weight decay
 * applies to matrices alone.
 */
public final class AdamW implements AutoCloseable {
  private static final double EPSILON = 1e-8;

  private final double beta1;
  private final double beta2;
  private final List<Moments> moments = new ArrayList<>();

  private record Moments(ParameterGroup group, Tensor first, Tensor second, Tensor steps) {}

  /** An optimizer of these groups; the betas are the decay rates of the two moving averages. */
  public AdamW(List<ParameterGroup> groups, double beta1, double beta2) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    for (ParameterGroup group : groups) {
      long size = group.parameters().size();
      moments.add(new Moments(group, Tensors.keep(torch.zeros(size)), Tensors.keep(torch.zeros(size)), Tensors.keep(torch.zeros(1))));
    }
  }

  /** Changes the parameters by their gradients, and sets these to zero. Called without gradients being recorded. */
  public void step(long step, double learningRate, double weightDecay) {
    for (Moments each : moments) {
      if (step >= each.group.frozenUntil()) {
        update(each, learningRate * each.group.rate(), weightDecay);
      }
      each.group.parameters().gradient().zero_();
    }
  }

  private void update(Moments of, double learningRate, double weightDecay) {
    TorchParameters parameters = of.group.parameters();
    Tensor gradient = parameters.gradient();
    double steps = of.steps.add_(new Scalar(1)).item_double();
    of.first.lerp_(gradient, new Scalar(1 - beta1));
    of.second.mul_(new Scalar(beta2)).addcmul_(gradient, gradient, new Scalar(1 - beta2));
    Tensor deviation = of.second.sqrt().div_(new Scalar(Math.sqrt(1 - Math.pow(beta2, steps)))).add_(new Scalar(EPSILON));
    parameters.values().narrow(0, 0, parameters.matrices()).mul_(new Scalar(1 - learningRate * weightDecay));
    parameters.values().addcdiv_(of.first, deviation, new Scalar(-learningRate / (1 - Math.pow(beta1, steps))));
  }

  /** What must be found again when training goes on, changed in place. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Moments each : moments) {
      state.put(each.group.name() + ".first", each.first);
      state.put(each.group.name() + ".second", each.second);
      state.put(each.group.name() + ".steps", each.steps);
    }
    return state;
  }

  @Override
  public void close() {
    moments.forEach(each -> List.of(each.first, each.second, each.steps).forEach(Tensor::releaseReference));
  }
}
