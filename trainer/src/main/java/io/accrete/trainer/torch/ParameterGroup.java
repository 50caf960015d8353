package io.accrete.trainer.torch;

/**
 * Parameters that the optimizer changes together.
 *
 * @param name of the group, unique in an objective: it is the name in checkpoints
 * @param parameters with gradients
 * @param rate factor on the learning rate
 * @param frozenUntil the first step that changes them
 */
public record ParameterGroup(String name, TorchParameters parameters, double rate, long frozenUntil) {
  /** A group that learns from the start at the full rate. */
  public ParameterGroup(String name, TorchParameters parameters) {
    this(name, parameters, 1, 0);
  }
}
