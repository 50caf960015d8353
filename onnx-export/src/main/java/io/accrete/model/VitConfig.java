package io.accrete.model;

/**
 * The shape of a vision transformer; ViT, DINO, DINOv2 and DINOv2 with registers are instances.
 *
 * @param stem how pixels become patches
 * @param dimension D, length of a token
 * @param depth number of blocks
 * @param heads attention heads; they divide D
 * @param hidden width of the feed-forward network (of each half, if gated)
 * @param registers R, register tokens between CLS and the patches
 * @param grid patches per side that the position table covers; other image sizes interpolate it
 * @param antialiasPositions whether that interpolation is the antialiased bicubic one (DINOv2 with registers) or the plain one
 * @param qkvBias whether query, key and value have a bias
 * @param layerScale whether each branch is scaled per channel before it is added (DINOv2)
 * @param gated SwiGLU instead of the GELU network (DINOv2 giant)
 * @param preNorm a layer norm before the first block
 * @param finalNorm a layer norm after the last block
 * @param epsilon of all layer norms
 */
public record VitConfig(
    Stem stem,
    int dimension,
    int depth,
    int heads,
    int hidden,
    int registers,
    int grid,
    boolean antialiasPositions,
    boolean qkvBias,
    boolean layerScale,
    boolean gated,
    boolean preNorm,
    boolean finalNorm,
    float epsilon) {
  public VitConfig {
    if (dimension < 1 || heads < 1 || dimension % heads != 0) {
      throw new IllegalArgumentException("The number of heads must divide the dimension; found " + heads + " heads and dimension "
          + dimension + ".");
    }
    if (depth < 1 || hidden < 1 || registers < 0 || grid < 1) {
      throw new IllegalArgumentException("Depth, hidden width and grid must be at least 1 and registers at least 0; found depth " + depth
          + ", hidden " + hidden + ", grid " + grid + ", registers " + registers + ".");
    }
  }

  /** A plain ViT: GELU network of four times D, biases, a final norm, no registers, no layer scale. */
  public static VitConfig plain(Stem stem, int imageSize, int dimension, int depth, int heads) {
    return new VitConfig(stem, dimension, depth, heads, 4 * dimension, 0, imageSize / stem.stride(), true, true, false, false, false, true,
        1e-6f);
  }

  /**
   * Number T of tokens of an image: CLS, registers, patches.
   *
   * @throws IllegalArgumentException if the size is no multiple of the stem's stride
   */
  public int tokens(int imageSize) {
    int patches = patchesPerSide(imageSize);
    return 1 + registers + patches * patches;
  }

  int patchesPerSide(int imageSize) {
    if (imageSize < 1 || imageSize % stem.stride() != 0) {
      throw new IllegalArgumentException("The image size must be a multiple of the patch size, " + stem.stride() + " pixels; found "
          + imageSize + ".");
    }
    return imageSize / stem.stride();
  }
}
