package io.accrete.catalogue;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.util.random.RandomGenerator;

/** What is behind and below the product: a wall, a table, their pattern and the product's shadow. */
final class Backdrop {
  private Backdrop() {}

  static void draw(Graphics2D graphics, RandomGenerator random, int size, double horizon) {
    Color wall = muted(random);
    Color table = muted(random);
    graphics.setPaint(new GradientPaint(0, 0, wall, random.nextInt(size), size, wall.darker()));
    graphics.fill(new Rectangle2D.Double(0, 0, size, size));
    graphics.setPaint(new GradientPaint(0, (float) horizon, table.darker(), 0, size, table));
    graphics.fill(new Rectangle2D.Double(0, horizon, size, size - horizon));
    pattern(graphics, random, size, random.nextBoolean() ? 0 : horizon);
  }

  static void shadow(Graphics2D graphics, Pose pose, double width) {
    AffineTransform before = graphics.getTransform();
    graphics.translate(pose.x() - pose.light() * width * 0.25, pose.y());
    graphics.scale(width * 0.75, width * (0.1 + 0.3 * Math.sin(pose.pitch())));
    graphics.setPaint(new RadialGradientPaint(0, 0, 1, new float[] {0, 0.6f, 1},
        new Color[] {new Color(0, 0, 0, 150), new Color(0, 0, 0, 90), new Color(0, 0, 0, 0)}));
    graphics.fill(Brush.ellipse(0, 0, 1, 1));
    graphics.setTransform(before);
  }

  private static void pattern(Graphics2D graphics, RandomGenerator random, int size, double from) {
    int step = random.nextInt(size / 12, size / 4);
    graphics.setColor(new Color(random.nextInt(256), random.nextInt(256), random.nextInt(256), random.nextInt(10, 50)));
    switch (random.nextInt(4)) {
      case 0 -> {
        for (int x = 0; x < size; x += step) {
          graphics.fill(new Rectangle2D.Double(x, from, step * 0.4, size));
        }
      }
      case 1 -> {
        for (double y = from; y < size; y += step * 0.6) {
          graphics.fill(new Rectangle2D.Double(0, y, size, step * 0.15));
        }
      }
      case 2 -> {
        for (int i = 0; i < 14; i++) {
          double radius = size * random.nextDouble(0.02, 0.12);
          graphics.fill(Brush.ellipse(random.nextInt(size), from + random.nextDouble() * (size - from), radius, radius * 0.6));
        }
      }
      default -> { }
    }
  }

  private static Color muted(RandomGenerator random) {
    return Color.getHSBColor(random.nextFloat(), random.nextFloat() * 0.45f, 0.35f + random.nextFloat() * 0.6f);
  }
}
