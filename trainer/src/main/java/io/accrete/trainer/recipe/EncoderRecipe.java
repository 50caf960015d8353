package io.accrete.trainer.recipe;

import io.accrete.model.Stem;
import io.accrete.model.VitConfig;
import java.util.List;

/**
 * A vision transformer.
 *
 * @param imageSize pixels per side of what it takes
 * @param resize shorter edge of a photo before the crop; default 8/7 of the image size
 * @param patch side of a patch, for a plain ViT
 * @param stem instead of a patch: widths of the convolutional stages, each of which halves the map
 * @param stemBlocks residual blocks in each stage
 * @param dimension length of a token
 * @param depth number of blocks
 * @param heads attention heads
 */
public record EncoderRecipe(
    Integer imageSize, Integer resize, Integer patch, List<Integer> stem, Integer stemBlocks, Integer dimension, Integer depth,
    Integer heads) {
  public EncoderRecipe {
    Recipe.require("encoder.image-size", imageSize);
    Recipe.require("encoder.dimension", dimension);
    Recipe.require("encoder.depth", depth);
    resize = resize == null ? imageSize * 8 / 7 : resize;
    stemBlocks = stemBlocks == null ? 1 : stemBlocks;
    heads = heads == null ? Math.max(1, dimension / 64) : heads;
    if ((patch == null) == (stem == null)) {
      throw new RecipeException("An encoder has either a 'patch' or a convolutional 'stem'; found " + (patch == null ? "neither" : "both")
          + ".");
    }
  }

  /** The shape of the transformer. */
  public VitConfig config() {
    Stem form = patch != null ? new Stem.Patch(patch) : new Stem.Convolutional(stem, stemBlocks);
    return VitConfig.plain(form, imageSize, dimension, depth, heads);
  }
}
