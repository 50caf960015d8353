package io.accrete.catalogue;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.SplittableRandom;

/** One photo: a product in a pose before a backdrop, with clutter, and what light and camera make of it. */
final class Photo {
  private final int size;
  private final SplittableRandom random;

  Photo(int size, long seed) {
    this.size = size;
    this.random = new SplittableRandom(seed);
  }

  /** Draws the product, and by chance another one at the edge. */
  BufferedImage of(Product product, Product clutter) {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    try {
      Pose pose = Pose.any(random, size);
      Backdrop.draw(graphics, random, size, pose.y() - size * random.nextDouble(0.08, 0.35));
      boolean before = random.nextInt(4) == 0;
      boolean crowded = random.nextInt(2) == 0;
      if (crowded && !before) {
        place(graphics, clutter, Pose.aside(random, size));
      }
      place(graphics, product, pose);
      if (crowded && before) {
        place(graphics, clutter, Pose.aside(random, size));
      }
    } finally {
      graphics.dispose();
    }
    develop(((DataBufferInt) image.getRaster().getDataBuffer()).getData());
    return image;
  }

  private void place(Graphics2D graphics, Product product, Pose pose) {
    Backdrop.shadow(graphics, pose, pose.scale() * 0.75);
    AffineTransform before = graphics.getTransform();
    graphics.translate(pose.x(), pose.y());
    graphics.rotate(pose.roll());
    graphics.scale(pose.scale(), pose.scale());
    Brush brush = new Brush(graphics, pose);
    switch (product.kind().form()) {
      case ROUND -> RoundForm.draw(product, brush);
      case BOX -> BoxForm.draw(product, brush);
      case SHOE -> FreeForm.shoe(product, brush);
      case FRUIT -> FreeForm.fruit(product, brush);
    }
    graphics.setTransform(before);
  }

  /** Exposure, colour temperature, a gradient of light across the picture, and noise. */
  private void develop(int[] pixels) {
    double exposure = random.nextDouble(0.7, 1.25);
    double warmth = random.nextGaussian() * 0.09;
    double acrossX = random.nextDouble(-0.3, 0.3) / size;
    double acrossY = random.nextDouble(-0.3, 0.3) / size;
    int grain = random.nextInt(1, 9);
    for (int y = 0, i = 0; y < size; y++) {
      for (int x = 0; x < size; x++, i++) {
        double light = exposure * (1 + acrossX * (x - size / 2) + acrossY * (y - size / 2));
        int noise = (int) ((i * 0x9e3779b9L ^ i * 0x85ebca6bL >>> 7) >>> 11 & 0xff) % (2 * grain + 1) - grain;
        int pixel = pixels[i];
        pixels[i] = channel((pixel >> 16 & 0xff) * light * (1 + warmth) + noise) << 16
            | channel((pixel >> 8 & 0xff) * light + noise) << 8
            | channel((pixel & 0xff) * light * (1 - warmth) + noise);
      }
    }
  }

  private static int channel(double value) {
    return Math.max(0, Math.min(255, (int) value));
  }
}
