package io.accrete.catalogue;

import java.awt.Color;
import java.util.random.RandomGenerator;

/** Colours with names that people would use. */
enum Palette {
  RED(0xc62828), ORANGE(0xef7c1a), AMBER(0xf3b61f), LEMON(0xf4e04d), LIME(0x9ccc3c), GREEN(0x2e8b3d), TEAL(0x158f8a), SKY(0x5bb5e8),
  BLUE(0x2456c4), NAVY(0x1c2a5e), VIOLET(0x6f3fb0), PINK(0xe77fa6), MAGENTA(0xb5226f), BROWN(0x6f4528), CREAM(0xf1e6cb), WHITE(0xf4f4f2),
  GREY(0x8b9097), BLACK(0x26272b);

  private final Color color;

  Palette(int rgb) {
    color = new Color(rgb);
  }

  Color color() {
    return color;
  }

  static Palette any(RandomGenerator random) {
    return values()[random.nextInt(values().length)];
  }

  /** A colour that can be told from this one. */
  Palette contrasting(RandomGenerator random) {
    Palette other = any(random);
    while (distance(other) < 150) {
      other = any(random);
    }
    return other;
  }

  private double distance(Palette other) {
    int red = color.getRed() - other.color.getRed();
    int green = color.getGreen() - other.color.getGreen();
    int blue = color.getBlue() - other.color.getBlue();
    return Math.sqrt(red * red + green * green + blue * blue);
  }
}
