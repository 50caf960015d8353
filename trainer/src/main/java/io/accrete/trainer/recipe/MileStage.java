package io.accrete.trainer.recipe;

/**
 * MILE's self-distillation: whatever crops of an object's photos a student sees, it agrees with a teacher that sees large crops.
 *
 * @param batch objects in a batch
 * @param images photos of an object in a sequence
 * @param locals small crops of each photo; a frozen encoder knows no crops, and takes views of the photos instead
 * @param localImages photos of a sequence of small crops; default all
 * @param encoder what of the encoder learns
 * @param imageSize pixels per side of the large crops; default the encoder's
 * @param localSize pixels per side of the small crops; default half of that, rounded to whole patches
 * @param views of each photo, for a frozen encoder
 * @param photosPerObject most photos of an object, for a frozen encoder
 * @param hidden width of the head
 * @param bottleneck length of what the head compares with its classes
 * @param classes of the head
 * @param centring whether the teacher is centred; off only to show what happens then
 * @param sharpening whether the teacher is sharper than the student; off only to show what happens then
 */
public record MileStage(
    LoopRecipe loop, Integer batch, Integer images, Integer locals, Integer localImages, EncoderMode encoder, Integer imageSize,
    Integer localSize, Integer views, Integer photosPerObject, Integer hidden, Integer bottleneck, Integer classes, Boolean centring,
    Boolean sharpening) implements Stage {
  public static final String NAME = "mile";

  public MileStage {
    Recipe.require("loop", loop);
    batch = batch == null ? 32 : batch;
    images = images == null ? 4 : images;
    locals = locals == null ? 4 : locals;
    localImages = localImages == null ? images : localImages;
    encoder = encoder == null ? EncoderMode.FROZEN : encoder;
    views = views == null ? 4 : views;
    photosPerObject = photosPerObject == null ? 100 : photosPerObject;
    hidden = hidden == null ? 512 : hidden;
    bottleneck = bottleneck == null ? 128 : bottleneck;
    classes = classes == null ? 4096 : classes;
    centring = centring == null || centring;
    sharpening = sharpening == null || sharpening;
    Recipe.atLeast("batch", batch, 2);
    Recipe.positive("images", images);
    Recipe.positive("views", views);
    Recipe.positive("photos-per-object", photosPerObject);
    Recipe.positive("hidden", hidden);
    Recipe.positive("bottleneck", bottleneck);
    Recipe.atLeast("classes", classes, 2);
    if (locals < 0 || localImages < 1 || localImages > images) {
      throw new RecipeException("'locals' must be at least 0 and 'local-images' from 1 to 'images'; found " + locals + " and " + localImages
          + ".");
    }
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
