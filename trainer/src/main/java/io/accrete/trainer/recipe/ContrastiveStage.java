package io.accrete.trainer.recipe;

/**
 * Two disjoint sets of photos of one object find each other among those of other objects.
 *
 * @param batch objects in a batch
 * @param images most photos in one of the two sets
 * @param encoder whether the encoder learns too, or only the aggregator, from cached tokens
 * @param imageSize pixels per side while the encoder learns; default the encoder's
 * @param views random views of each photo among the cached tokens, the plain one included
 * @param photosPerObject most photos of an object
 * @param foreign probability that a photo of a set is another object's
 * @param anchor weight of the cosine distance to the mean of the photos' own embeddings: how firmly what is learned stays near it
 * @param temperature of the softmax
 * @param minScale least share of a photo in a view
 */
public record ContrastiveStage(
    LoopRecipe loop, Integer batch, Integer images, EncoderMode encoder, Integer imageSize, Integer views, Integer photosPerObject,
    Double foreign, Double anchor, Double temperature, Double minScale) implements Stage {
  public static final String NAME = "mile-contrastive";

  public ContrastiveStage {
    Recipe.require("loop", loop);
    batch = batch == null ? 96 : batch;
    images = images == null ? 6 : images;
    encoder = encoder == null ? EncoderMode.FROZEN : encoder;
    views = views == null ? 2 : views;
    photosPerObject = photosPerObject == null ? 100 : photosPerObject;
    foreign = foreign == null ? 0 : foreign;
    anchor = anchor == null ? 0 : anchor;
    temperature = temperature == null ? 0.07 : temperature;
    minScale = minScale == null ? 0.4 : minScale;
    Recipe.atLeast("batch", batch, 2);
    Recipe.positive("images", images);
    Recipe.positive("views", views);
    Recipe.atLeast("photos-per-object", photosPerObject, 2);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean changesEncoder() {
    return encoder != EncoderMode.FROZEN;
  }
}
