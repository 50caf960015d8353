package io.accrete.trainer.objective;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What a batch gave.
 *
 * @param value the loss, a scalar
 * @param parts what it consists of, and other measures, by name, scalars without gradient
 * @param embeddings unit-length embeddings [n, d] of different objects or photos, without gradient, for the collapse watch
 */
public record Loss(Tensor value, Map<String, Tensor> parts, Tensor embeddings) {
  /** Part name of the mean entropy of a teacher's outputs, for the collapse watch. */
  public static final String TEACHER_ENTROPY = "teacher entropy";

  /** Part name of what a teacher's outputs tell of which photos they are for, for the collapse watch. */
  public static final String TEACHER_INFORMATION = "teacher information";

  public Loss {
    parts = Map.copyOf(parts);
  }
}
