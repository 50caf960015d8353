package io.accrete.bench;

import io.accrete.image.RgbImage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** A photo as a camera of more pixels might have taken it: enlarged, with noise in every pixel, so that it is as much work to decode. */
final class EnlargedPhoto {
  private static final int NOISE = 6;

  private EnlargedPhoto() {}

  /** The bytes of a JPEG file of about so many pixels. */
  static byte[] jpeg(RgbImage photo, double pixels) {
    double scale = Math.sqrt(pixels / photo.width() / photo.height());
    int width = (int) Math.round(photo.width() * scale);
    int height = (int) Math.round(photo.height() * scale);
    BufferedImage large = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = large.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(image(photo), 0, 0, width, height, null);
    graphics.dispose();
    SplittableRandom random = new SplittableRandom(1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int colour = large.getRGB(x, y);
        int noise = random.nextInt(-NOISE, NOISE + 1);
        large.setRGB(x, y, channel((colour >> 16 & 0xff) + noise) << 16 | channel((colour >> 8 & 0xff) + noise) << 8
            | channel((colour & 0xff) + noise));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(large, "jpeg", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static BufferedImage image(RgbImage photo) {
    BufferedImage image = new BufferedImage(photo.width(), photo.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = photo.rgb();
    for (int i = 0; i < rgb.length; i += 3) {
      int colour = (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | rgb[i + 2] & 0xff;
      image.setRGB(i / 3 % photo.width(), i / 3 / photo.width(), colour);
    }
    return image;
  }

  private static int channel(int value) {
    return Math.max(0, Math.min(255, value));
  }
}
