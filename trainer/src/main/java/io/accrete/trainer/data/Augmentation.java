package io.accrete.trainer.data;

import io.accrete.bundle.Preprocessing.Resample;

/**
 * How a photo is varied, in this order: a random region, a flip, colour jitter, grey, blur, solarisation.
 *
 * @param minScale least share of the photo's area in the region, above 0
 * @param maxScale largest share, at most 1
 * @param filter resizes the region
 * @param flip probability of left and right exchanged
 * @param jitter probability of colour jitter
 * @param brightness largest change of the factor from 1, at most 1; so for contrast and saturation
 * @param hue largest turn, at most .5, in turns of the colour circle
 * @param grey probability of a grey view
 * @param blur probability of a Gaussian blur of .1 to 2 pixels
 * @param solarise probability that the brighter half of the values is inverted
 */
public record Augmentation(double minScale, double maxScale, Resample filter, double flip, double jitter, double brightness,
    double contrast, double saturation, double hue, double grey, double blur, double solarise) {

  /** The first large view of self-distillation. */
  public static final Augmentation GLOBAL_1 = new Augmentation(.4, 1, Resample.BICUBIC, .5, .8, .4, .4, .2, .1, .2, 1, 0);

  /** The second large view. */
  public static final Augmentation GLOBAL_2 = new Augmentation(.4, 1, Resample.BICUBIC, .5, .8, .4, .4, .2, .1, .2, .1, .2);

  /** A small view of a small region. */
  public static final Augmentation LOCAL = new Augmentation(.05, .4, Resample.BICUBIC, .5, .8, .4, .4, .2, .1, .2, .5, 0);

  /** Much of the photo in nearly its own colours, for what must stay recognisable. */
  public static final Augmentation MILD = new Augmentation(.4, 1, Resample.BICUBIC, .5, .5, .2, .2, 0, 0, 0, 0, 0);

  public Augmentation {
    if (!(minScale > 0 && minScale <= maxScale && maxScale <= 1)) {
      throw new IllegalArgumentException("Expected shares of the area in order, above 0 and at most 1, found " + minScale + " and "
          + maxScale + ".");
    }
    require("flip", flip, 1);
    require("jitter", jitter, 1);
    require("brightness", brightness, 1);
    require("contrast", contrast, 1);
    require("saturation", saturation, 1);
    require("hue", hue, 0.5);
    require("grey", grey, 1);
    require("blur", blur, 1);
    require("solarise", solarise, 1);
  }

  private static void require(String name, double value, double most) {
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException("Expected " + name + " from 0 to " + most + ", found " + value + ".");
    }
  }

  /** The same with another range of regions. */
  public Augmentation withScale(double least, double most) {
    return new Augmentation(least, most, filter, flip, jitter, brightness, contrast, saturation, hue, grey, blur, solarise);
  }
}
