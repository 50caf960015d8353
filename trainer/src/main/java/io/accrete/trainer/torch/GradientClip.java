package io.accrete.trainer.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Shortens gradients that are too long, one parameter at a time and then all together; their directions stay.
 *
 * @param each longest gradient of each parameter; 0 for any length
 * @param all longest gradient of all parameters together; 0 for any length
 */
public record GradientClip(double each, double all) {
  /** Changes the gradients of these groups. Called without gradients being recorded. */
  public void apply(List<ParameterGroup> groups) {
    double square = 0;
    for (ParameterGroup group : groups) {
      square += each > 0 ? shortenEach(group.parameters()) : all > 0 ? square(group.parameters().gradient()) : 0;
    }
    double length = Math.sqrt(square);
    if (all > 0 && length > all) {
      groups.forEach(group -> group.parameters().gradient().mul_(new Scalar(all / length)));
    }
  }

  /** Reads the lengths all at once, as waiting for each would cost more than computing it; returns the sum of their squares after. */
  private double shortenEach(TorchParameters parameters) {
    if (parameters.size() == 0) {
      return 0;
    }
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> gradients = new ArrayList<>(parameters.gradients().values());
      TensorVector norms = new TensorVector(gradients.stream().map(Tensor::norm).toArray(Tensor[]::new));
      double square = 0;
      float[] lengths = Tensors.floats(torch.stack(norms));
      for (int i = 0; i < lengths.length; i++) {
        if (lengths[i] > each) {
          gradients.get(i).mul_(new Scalar(each / lengths[i]));
        }
        square += Math.pow(Math.min(each, lengths[i]), 2);
      }
      return square;
    }
  }

  private static double square(Tensor gradient) {
    return gradient.square().sum().item_double();
  }
}
