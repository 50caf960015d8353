package io.accrete.trainer.data;

import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.image.Box;
import io.accrete.image.Resampler;
import io.accrete.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/** More photos of an object that has few: regions of those there are. */
public final class Crops {
  private final Views regions;
  private final long seed;

  /**
   * Crops that are drawn once.
   *
   * @param minScale least share of a photo's area in a crop, above 0
   */
  public Crops(double minScale, long seed) {
    regions = new Views(Augmentation.MILD.withScale(minScale, 1));
    this.seed = seed;
  }

  /**
   * The photos, followed by crops of each in turn until there are so many.
   *
   * @param photos of one object, not empty
   * @param object its number, for other crops of other objects
   */
  public List<RgbImage> atLeast(int count, List<RgbImage> photos, int object) {
    List<RgbImage> all = new ArrayList<>(photos);
    for (int i = 0; all.size() < count; i++) {
      RgbImage photo = photos.get(i % photos.size());
      Box box = regions.region(photo, Seeds.random(seed, object, i));
      all.add(Resampler.resize(photo, Resample.BICUBIC, box, (int) (box.right() - box.left()), (int) (box.bottom() - box.top())));
    }
    return all;
  }
}
