package io.accrete.trainer.recipe;

/**
 * The encoder learns to see what a frozen teacher sees.
 *
 * @param batch photos in a batch
 * @param imageSize pixels per side while it trains; default the encoder's
 * @param minScale least share of a photo in a view
 * @param lessonsPerObject objects with fewer photos are shown to the teacher in crops too, until there are so many: what it sees in a
 *     part of a photo is not what it sees in the whole, and there are other parts to learn when the whole is known by heart
 * @param similarity weight of the batch's similarities beside the cosine
 * @param temperature of the similarities
 */
public record DistillStage(LoopRecipe loop, Integer batch, Integer imageSize, Double minScale, Integer lessonsPerObject,
    Double similarity, Double temperature) implements Stage {
  public static final String NAME = "distill";

  public DistillStage {
    Recipe.require("loop", loop);
    batch = batch == null ? 128 : batch;
    minScale = minScale == null ? 0.35 : minScale;
    lessonsPerObject = lessonsPerObject == null ? 0 : lessonsPerObject;
    similarity = similarity == null ? 1 : similarity;
    temperature = temperature == null ? 0.1 : temperature;
    Recipe.atLeast("batch", batch, 2);
    Recipe.atLeast("lessons-per-object", lessonsPerObject, 0);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean changesEncoder() {
    return true;
  }
}
