package io.accrete.catalogue;

import java.util.random.RandomGenerator;

/**
 * How a product stands before the camera.
 *
 * @param yaw rotation about its vertical axis, radians
 * @param pitch how far the camera looks down, radians
 * @param roll how far the camera is tilted, radians
 * @param scale pixels of a unit of height
 * @param x of the middle of its foot, pixels
 * @param y of the middle of its foot, pixels
 * @param light horizontal direction of the light, -1 (left) to 1
 */
record Pose(double yaw, double pitch, double roll, double scale, double x, double y, double light) {
  static Pose any(RandomGenerator random, int size) {
    double scale = size * random.nextDouble(0.52, 0.84);
    return new Pose(random.nextDouble(-1.1, 1.1), random.nextDouble(0.08, 0.6), random.nextGaussian() * 0.09, scale,
        size * random.nextDouble(0.38, 0.62), size * 0.5 + scale * random.nextDouble(0.4, 0.56), random.nextDouble(-1, 1));
  }

  /** Somewhere at the edge, as a thing that happens to stand there. */
  static Pose aside(RandomGenerator random, int size) {
    double x = random.nextBoolean() ? random.nextDouble(-0.1, 0.12) : random.nextDouble(0.88, 1.1);
    return new Pose(random.nextDouble(-3, 3), random.nextDouble(0.1, 0.5), random.nextGaussian() * 0.1, size * random.nextDouble(0.35, 0.6),
        size * x, size * random.nextDouble(0.55, 1), random.nextDouble(-1, 1));
  }
}
