package io.accrete.image;

import io.accrete.bundle.Preprocessing.Resample;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Makes a small JPEG of a photo, to be looked at: upright, as the encoder sees it, and without metadata. */
public final class Thumbnail {
  private static final int[] REDUCTIONS = {8, 4, 2};
  private static final float QUALITY = 0.85f;

  private Thumbnail() {}

  /**
   * A JPEG of the photo whose longer edge has that many pixels, or as many as the photo if these are fewer.
   *
   * @throws ImageException if the photo cannot be decoded within the limits
   */
  public static byte[] jpeg(byte[] file, ImageLimits limits, int edge) throws ImageException {
    DecodedPhoto photo = ImageDecoder.decode(file, limits, (width, height) -> reduction(Math.max(width, height), edge));
    int longer = Math.max(photo.width(), photo.height());
    double scale = Math.min(1, (double) edge / longer);
    int width = (int) Math.max(1, Math.rint(photo.width() * scale));
    int height = (int) Math.max(1, Math.rint(photo.height() * scale));
    return encode(Resampler.resize(photo.image(), Resample.BICUBIC, photo.box(), width, height));
  }

  /** At least two of the pixels that are decoded are left for one of the result. */
  private static int reduction(int longer, int edge) {
    for (int by : REDUCTIONS) {
      if (longer >= 2L * by * edge) {
        return by;
      }
    }
    return 1;
  }

  private static byte[] encode(RgbImage image) {
    BufferedImage picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    int[] row = new int[image.width()];
    byte[] rgb = image.rgb();
    for (int y = 0, i = 0; y < image.height(); y++) {
      for (int x = 0; x < row.length; x++, i += 3) {
        row[x] = (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | rgb[i + 2] & 0xff;
      }
      picture.setRGB(0, y, row.length, 1, row, 0, row.length);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = writer();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(QUALITY);
      writer.write(null, new IIOImage(picture, null, null), settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail to be written to
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** The runtime's own: what else calls itself a JPEG writer here is for reading. */
  private static ImageWriter writer() {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg");
    while (writers.hasNext()) {
      ImageWriter writer = writers.next();
      if (writer.getClass().getName().startsWith("com.sun.imageio.")) {
        return writer;
      }
    }
    throw new IllegalStateException("This Java runtime has no JPEG writer; use one with the module java.desktop.");
  }
}
