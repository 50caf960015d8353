package io.accrete.trainer.objective;

import io.accrete.trainer.torch.ParameterGroup;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Something to learn: which batches, which loss, which parameters. The training thread calls everything but {@link #batch}, each step in
 * a pointer scope of its own.
 *
 * @param <B> a batch, in plain Java
 */
public interface Objective<B> extends AutoCloseable {
  /** Its name in recipes, logs and model cards. */
  String name();

  /** The batch of this number: the same for the same number. Called ahead of time, by several threads at once, without libtorch. */
  B batch(long number);

  /** The loss of a batch, to be differentiated. */
  Loss loss(B batch, long step);

  /** What follows the optimizer's step, if anything: moving averages. Called without gradients. */
  default void stepped(long step) {}

  /** What the optimizer changes. */
  List<ParameterGroup> groups();

  /** What else a run must find again when it goes on, changed in place: a teacher, a centre. */
  default Map<String, Tensor> state() {
    return Map.of();
  }

  /** The largest entropy that a teacher's outputs can have, nats; 0 if there is no such teacher. */
  default double possibleEntropy() {
    return 0;
  }

  @Override
  void close();
}
