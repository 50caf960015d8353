package io.accrete.trainer.objective;

import io.accrete.trainer.torch.Autocast;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Pieces of losses, computed in float32 whatever the model's precision. */
final class Losses {
  private Losses() {}

  /** Rows of unit length; zero stays zero. */
  static Tensor unit(Tensor rows) {
    Tensor x = rows.to(ScalarType.Float);
    return x.div(sum(x.square()).unsqueeze(-1).clamp_min(new Scalar(1e-24)).sqrt());
  }

  /** One minus the cosine between the rows of two tensors of unit rows, on average. */
  static Tensor cosineDistance(Tensor a, Tensor b) {
    return sum(a.mul(b)).mean().neg().add(new Scalar(1));
  }

  /**
   * How far apart two batches of unit rows see their neighbours: the Kullback-Leibler divergence from the softmax of one row's
   * similarities to all other rows, in {@code teacher}, to that in {@code student}, on average.
   */
  static Tensor similarityDivergence(Tensor student, Tensor teacher, double temperature) {
    Tensor diagonal = torch.eye(student.size(0)).mul(new Scalar(-1e4));
    Tensor s = similarities(student, student, temperature).add(diagonal).log_softmax(1);
    Tensor t = similarities(teacher, teacher, temperature).add(diagonal);
    return sum(t.softmax(1).mul(t.log_softmax(1).sub(s))).mean();
  }

  /** Symmetric InfoNCE: row i of one side must find row i of the other among all rows, both ways. */
  static Tensor contrast(Tensor a, Tensor b, double temperature) {
    Tensor s = similarities(a, b, temperature);
    Tensor forth = s.log_softmax(1).diagonal();
    Tensor back = s.log_softmax(0).diagonal();
    return forth.add(back).mean().mul(new Scalar(-0.5));
  }

  private static Tensor similarities(Tensor a, Tensor b, double temperature) {
    return Autocast.off(() -> torch.mm(a, b.t())).div(new Scalar(temperature));
  }

  private static Tensor sum(Tensor x) {
    return x.sum(new long[] {-1}, false, new ScalarTypeOptional());
  }
}
