package io.accrete.trainer.recipe;

import io.accrete.trainer.torch.Precision;

/**
 * How long and how fast a stage learns.
 *
 * @param steps optimizer's steps
 * @param learningRate at its highest, after the warm-up; it ends at a two-hundredth
 * @param warmup steps of the warm-up; default a twentieth of the steps
 * @param weightDecay of matrices, at the start
 * @param weightDecayEnd and at the end; default the same
 * @param beta2 decay rate of the squared gradients' average
 * @param clip longest gradient of all parameters together; 0 for none
 * @param clipEach longest gradient of each parameter; 0 for none
 * @param accumulate batches that make one step
 * @param checkpointMinutes minutes between checkpoints
 * @param precision of the computation
 */
public record LoopRecipe(
    Long steps, Double learningRate, Long warmup, Double weightDecay, Double weightDecayEnd, Double beta2, Double clip, Double clipEach,
    Integer accumulate, Double checkpointMinutes, Precision precision) {
  public LoopRecipe {
    Recipe.positive("loop.steps", Recipe.require("loop.steps", steps));
    learningRate = learningRate == null ? 1e-3 : learningRate;
    warmup = warmup == null ? steps / 20 : warmup;
    weightDecay = weightDecay == null ? 0.05 : weightDecay;
    weightDecayEnd = weightDecayEnd == null ? weightDecay : weightDecayEnd;
    beta2 = beta2 == null ? 0.98 : beta2;
    clip = clip == null ? 1 : clip;
    clipEach = clipEach == null ? 0 : clipEach;
    accumulate = accumulate == null ? 1 : accumulate;
    checkpointMinutes = checkpointMinutes == null ? 5 : checkpointMinutes;
    precision = precision == null ? Precision.AUTO : precision;
    Recipe.positive("loop.accumulate", accumulate);
    if (warmup < 0 || warmup > steps) {
      throw new RecipeException("'loop.warmup' must lie between 0 and 'loop.steps'; found " + warmup + ".");
    }
    if (!(learningRate > 0) || !(beta2 > 0 && beta2 < 1) || !(checkpointMinutes > 0)) {
      throw new RecipeException("'loop' needs a learning-rate above 0, a beta2 between 0 and 1 and checkpoint-minutes above 0; found "
          + learningRate + ", " + beta2 + " and " + checkpointMinutes + ".");
    }
  }
}
