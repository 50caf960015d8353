package io.accrete.trainer.objective;

import io.accrete.trainer.torch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Cross-entropy of DINO (Caron et al. 2021) between a teacher's classes, centred and sharpened, and a student's, over all pairs of
 * different crops. The centre, a moving average of what the teacher says, keeps one class from taking everything; the low temperature
 * keeps all classes from becoming equal.
 */
public final class DinoLoss implements AutoCloseable {
  /** Crops that the teacher sees: the first of those that the student sees. */
  public static final int TEACHER_CROPS = 2;

  private final double studentTemperature;
  private final double centreMomentum;
  private final ScalarType type;
  private final Tensor centre;

  /**
   * What a batch gave.
   *
   * @param value the loss, a scalar
   * @param entropy mean entropy of the teacher's classes, nats, a scalar without gradient
   * @param information what the teacher's classes tell of which crop they were given for, nats: the entropy of their mean less the mean
   *     entropy, a scalar without gradient; 0 if all crops are given the same
   */
  public record Terms(Tensor value, Tensor entropy, Tensor information) {}

  /**
   * A loss with the centre at zero.
   *
   * @param classes K
   * @param centreMomentum share of the centre that a batch leaves; 1 leaves it at zero
   * @param type in which it computes, whatever the precision of what it is given
   */
  public DinoLoss(int classes, double studentTemperature, double centreMomentum, ScalarType type) {
    this.studentTemperature = studentTemperature;
    this.centreMomentum = centreMomentum;
    this.type = type;
    try (PointerScope scope = new PointerScope()) {
      centre = Tensors.keep(torch.zeros(new long[] {1, classes}, new TensorOptions(type)));
    }
  }

  /**
   * The loss of a batch of n objects; moves the centre afterwards.
   *
   * @param student logits [crops · n, K], crop after crop, those of the teacher's crops first
   * @param teacher logits [2 · n, K]
   */
  public Terms of(Tensor student, Tensor teacher, double teacherTemperature) {
    long objects = teacher.size(0) / TEACHER_CROPS;
    long crops = student.size(0) / objects;
    long classes = teacher.size(1);
    Tensor said = teacher.detach().to(type);
    Tensor logTarget = said.sub(centre).div(new Scalar(teacherTemperature)).log_softmax(-1).view(TEACHER_CROPS, objects, classes);
    Tensor target = logTarget.exp();
    Tensor logGuess = student.to(type).div(new Scalar(studentTemperature)).log_softmax(-1).view(crops, objects, classes);
    // The sum over all pairs is the product of two sums; less the pairs of a crop with itself.
    Tensor all = sum(target).mul(sum(logGuess)).sum();
    Tensor same = target.mul(logGuess.narrow(0, 0, TEACHER_CROPS)).sum();
    long pairs = TEACHER_CROPS * crops - TEACHER_CROPS;
    Tensor value = same.sub(all).div(new Scalar((double) pairs * objects));
    Tensor entropy = target.mul(logTarget).sum().div(new Scalar(-(double) TEACHER_CROPS * objects));
    Tensor mean = target.mean(new long[] {0, 1}, false, new ScalarTypeOptional());
    Tensor information = mean.xlogy(mean).sum().neg().sub(entropy);
    centre.lerp_(said.mean(new long[] {0}, true, new ScalarTypeOptional()), new Scalar(1 - centreMomentum));
    return new Terms(value, entropy, information);
  }

  /** The centre [1, K], changed in place. */
  public Tensor centre() {
    return centre;
  }

  private static Tensor sum(Tensor crops) {
    return crops.sum(new long[] {0}, false, new ScalarTypeOptional());
  }

  @Override
  public void close() {
    centre.releaseReference();
  }
}
