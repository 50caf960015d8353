package io.accrete.trainer.report;

import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Resampler;
import io.accrete.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Photos made small. */
final class Thumbnail {
  private static final int EDGE = 112; // twice what a contact sheet needs at least, for dense screens

  private Thumbnail() {}

  /** A small JPEG of a photo; empty if it cannot be decoded. */
  static byte[] of(byte[] photo) {
    try {
      RgbImage image = ImageDecoder.decode(photo, ImageLimits.LOCAL);
      double scale = Math.min(1, (double) EDGE / Math.max(image.width(), image.height()));
      return jpeg(Resampler.resize(image, Resample.BICUBIC, edge(image.width(), scale), edge(image.height(), scale)));
    } catch (ImageException e) {
      return new byte[0];
    }
  }

  private static int edge(int length, double scale) {
    return (int) Math.max(1, Math.round(length * scale));
  }

  private static byte[] jpeg(RgbImage image) {
    BufferedImage pixels = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    for (int i = 0, y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++, i += 3) {
        pixels.setRGB(x, y, (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | rgb[i + 2] & 0xff);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(pixels, "jpeg", stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
