package io.accrete.trainer.data;

import io.accrete.image.Box;
import io.accrete.image.Resampler;
import io.accrete.image.RgbImage;
import java.util.random.RandomGenerator;

/** Random views of photos: what self-supervised training calls augmentation, with the definitions of torchvision's transforms. */
public final class Views {
  private static final int ATTEMPTS = 10;
  private static final double MAX_RATIO = 4.0 / 3;
  private static final double LOG_MAX_RATIO = StrictMath.log(MAX_RATIO);
  private static final double MIN_SIGMA = 0.1;
  private static final double MAX_SIGMA = 2;

  private final Augmentation augmentation;

  public Views(Augmentation augmentation) {
    this.augmentation = augmentation;
  }

  /**
   * A view of a photo, which depends on the photo and the random numbers alone.
   *
   * @param size edge in pixels, at least 1
   * @return uint8, {@code [size, size, 3]}, red first
   */
  public byte[] view(RgbImage image, int size, RandomGenerator random) {
    RgbImage region = Resampler.resize(image, augmentation.filter(), region(image, random), size, size);
    Planes planes = Planes.of(region, random.nextDouble() < augmentation.flip());
    if (random.nextDouble() < augmentation.jitter()) {
      jitter(planes, random);
    }
    if (random.nextDouble() < augmentation.grey()) {
      planes.grey();
    }
    if (random.nextDouble() < augmentation.blur()) {
      planes.blur(MIN_SIGMA + (MAX_SIGMA - MIN_SIGMA) * random.nextDouble());
    }
    if (random.nextDouble() < augmentation.solarise()) {
      planes.solarise();
    }
    return planes.bytes();
  }

  /** A region with its area and its ratio of edges (3/4 to 4/3) drawn; where none fits, the largest in the middle that has the ratio. */
  Box region(RgbImage image, RandomGenerator random) {
    double area = (double) image.width() * image.height();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double target = area * (augmentation.minScale() + (augmentation.maxScale() - augmentation.minScale()) * random.nextDouble());
      double ratio = StrictMath.exp(LOG_MAX_RATIO * symmetric(random)); // Math.exp may differ between machines
      int width = (int) Math.rint(Math.sqrt(target * ratio));
      int height = (int) Math.rint(Math.sqrt(target / ratio));
      if (width > 0 && height > 0 && width <= image.width() && height <= image.height()) {
        return box(random.nextInt(image.width() - width + 1), random.nextInt(image.height() - height + 1), width, height);
      }
    }
    int width = (int) Math.min(image.width(), Math.max(1, Math.rint(image.height() * MAX_RATIO)));
    int height = (int) Math.min(image.height(), Math.max(1, Math.rint(image.width() * MAX_RATIO)));
    return box((image.width() - width) / 2, (image.height() - height) / 2, width, height);
  }

  private static Box box(int left, int top, int width, int height) {
    return new Box(left, top, left + width, top + height);
  }

  private void jitter(Planes planes, RandomGenerator random) {
    int[] order = {0, 1, 2, 3};
    for (int left = order.length; left > 0; left--) {
      int chosen = random.nextInt(left);
      double change = symmetric(random);
      switch (order[chosen]) {
        case 0 -> planes.brightness(1 + augmentation.brightness() * change);
        case 1 -> planes.contrast(1 + augmentation.contrast() * change);
        case 2 -> planes.saturation(1 + augmentation.saturation() * change);
        default -> planes.hue(augmentation.hue() * change);
      }
      order[chosen] = order[left - 1];
    }
  }

  /** A number from -1 to 1. */
  private static double symmetric(RandomGenerator random) {
    return 2 * random.nextDouble() - 1;
  }
}
