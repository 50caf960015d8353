package io.accrete.catalogue;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What makes a product that product, whatever the photo.
 *
 * @param height of the product, where 1 is the tallest
 * @param width of the product or its radius, relative to its height
 * @param depth of a box, or the narrow part of a profile, relative to the width
 * @param detail any further proportion, 0 to 1
 */
record Product(int number, Kind kind, Palette body, Palette trim, Label label, double height, double width, double depth, double detail) {
  static Product of(long seed, int number) {
    SplittableRandom random = new SplittableRandom(Seeds.mix(seed, number, -1));
    Kind kind = Kind.values()[number % Kind.values().length];
    Palette body = Palette.any(random);
    Palette trim = body.contrasting(random);
    return new Product(number, kind, body, trim, Label.design(body, random),
        random.nextDouble(0.75, 1), random.nextDouble(), random.nextDouble(), random.nextDouble());
  }

  String id() {
    return "%s-%s-%02d".formatted(body.name(), kind.name(), number).toLowerCase(Locale.ROOT);
  }

  /** A proportion between two values. */
  static double between(double from, double to, double share) {
    return from + (to - from) * share;
  }
}
