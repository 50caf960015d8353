package io.accrete.catalogue;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A printed design: a ground, a pattern and an emblem, without text. */
record Label(List<Decal> decals) {
  static Label design(Palette on, RandomGenerator random) {
    Palette ground = on.contrasting(random);
    Palette ink = ground.contrasting(random);
    Palette accent = ground.contrasting(random);
    List<Decal> decals = new ArrayList<>();
    decals.add(Decal.band(ground.color(), 0, 1, 0, 1));
    pattern(decals, ink.color(), random);
    emblem(decals, ground.color(), accent.color(), random);
    return new Label(decals);
  }

  private static void pattern(List<Decal> decals, Color ink, RandomGenerator random) {
    int count = random.nextInt(3, 7);
    switch (random.nextInt(6)) {
      case 0 -> {
        for (int i = 0; i < count; i++) {
          decals.add(Decal.band(ink, 0, 1, (i + 0.3) / count, (i + 0.65) / count));
        }
      }
      case 1 -> {
        for (int i = 0; i < count * 2; i++) {
          decals.add(Decal.band(ink, (i + 0.25) / (count * 2), (i + 0.65) / (count * 2), 0, 1));
        }
      }
      case 2 -> {
        for (int row = 0; row < count; row++) {
          for (int i = 0; i < count + 2; i++) {
            double shift = row % 2 * 0.5;
            double u = (i + 0.25 + shift) / (count + 2.5);
            decals.add(Decal.polygon(ink, u, (row + 0.5) / count, 0.3 / (count + 2), 0.3 / count, 10, 0, 1));
          }
        }
      }
      case 3 -> {
        for (int row = 0; row < count; row++) {
          for (int i = row % 2; i < count + 2; i += 2) {
            decals.add(Decal.band(ink, (double) i / (count + 2), (i + 1.0) / (count + 2), (double) row / count, (row + 1.0) / count));
          }
        }
      }
      case 4 -> {
        decals.add(Decal.band(ink, 0, 1, 0, 0.22));
        decals.add(Decal.band(ink, 0, 1, 0.86, 0.94));
      }
      default -> {
        for (int i = 0; i < count; i++) {
          double left = (double) i / count;
          double right = (i + 0.9) / count;
          double low = random.nextDouble(0, 0.4);
          decals.add(new Decal(ink, new double[] {left, (left + right) / 2, right}, new double[] {low, low + 0.5, low}));
        }
      }
    }
  }

  private static void emblem(List<Decal> decals, Color ground, Color accent, RandomGenerator random) {
    double size = random.nextDouble(0.2, 0.34);
    double height = random.nextDouble(0.45, 0.6);
    int corners = random.nextInt(3, 8);
    double inner = random.nextBoolean() ? 1 : random.nextDouble(0.4, 0.65);
    if (corners == 7) { // round
      corners = 20;
      inner = 1;
    }
    decals.add(Decal.polygon(ground, 0.5, height, size * 0.75 + 0.06, size + 0.1, 24, 0, 1));
    decals.add(Decal.polygon(accent, 0.5, height, size * 0.75, size, corners, 0, inner));
    if (random.nextBoolean()) {
      decals.add(Decal.polygon(ground, 0.5, height, size * 0.3, size * 0.4, random.nextInt(3, 7), 0.5, 1));
    }
  }
}
