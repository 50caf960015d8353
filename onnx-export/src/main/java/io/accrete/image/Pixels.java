package io.accrete.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Copies sample values out of rasters as they are: no colour management, no alpha, the high byte of deeper samples. */
final class Pixels {
  private Pixels() {}

  /** The decoded frame in its place on the canvas; what it leaves free has the colour that Pillow gives it. */
  static RgbImage onCanvas(BufferedImage frame, Container container) {
    RgbImage image = rgb(frame);
    if (container.width() == image.width() && container.height() == image.height()) {
      return image;
    }
    byte[] canvas = new byte[Math.multiplyExact(3, Math.multiplyExact(container.width(), container.height()))];
    if (frame.getColorModel() instanceof IndexColorModel palette) {
      int background = palette.getRGB(Math.max(0, palette.getTransparentPixel()));
      for (int i = 0; i < canvas.length; i += 3) {
        put(canvas, i, background);
      }
    }
    for (int y = 0; y < image.height(); y++) {
      int to = ((container.top() + y) * container.width() + container.left()) * 3;
      System.arraycopy(image.rgb(), y * image.width() * 3, canvas, to, image.width() * 3);
    }
    return new RgbImage(container.width(), container.height(), canvas);
  }

  private static RgbImage rgb(BufferedImage image) {
    Raster raster = image.getRaster();
    byte[] out = new byte[Math.multiplyExact(3, Math.multiplyExact(image.getWidth(), image.getHeight()))];
    if (image.getColorModel() instanceof IndexColorModel palette) {
      fromPalette(raster, palette, out);
    } else if (raster.getSampleModel() instanceof ComponentSampleModel model && raster.getDataBuffer() instanceof DataBufferByte data
        && raster.getParent() == null) {
      fromBytes(image, model, data, out);
    } else {
      fromSamples(raster, image.getColorModel(), out);
    }
    return new RgbImage(image.getWidth(), image.getHeight(), out);
  }

  private static void fromPalette(Raster raster, IndexColorModel palette, byte[] out) {
    int[] colours = new int[palette.getMapSize()];
    palette.getRGBs(colours);
    int[] row = new int[raster.getWidth()];
    for (int y = 0, o = 0; y < raster.getHeight(); y++) {
      raster.getSamples(0, y, row.length, 1, 0, row);
      for (int index : row) {
        put(out, o, index < colours.length ? colours[index] : 0);
        o += 3;
      }
    }
  }

  private static void fromBytes(BufferedImage image, ComponentSampleModel model, DataBufferByte data, byte[] out) {
    boolean grey = image.getColorModel().getNumColorComponents() < 3;
    byte[][] banks = new byte[3][];
    int[] start = new int[3];
    for (int channel = 0; channel < 3; channel++) {
      int band = grey ? 0 : channel;
      int bank = model.getBankIndices()[band];
      banks[channel] = data.getData(bank);
      start[channel] = data.getOffsets()[bank] + model.getBandOffsets()[band];
    }
    byte[] reds = banks[0];
    byte[] greens = banks[1];
    byte[] blues = banks[2];
    int step = model.getPixelStride();
    for (int y = 0, o = 0; y < image.getHeight(); y++) {
      int row = y * model.getScanlineStride();
      int red = start[0] + row;
      int green = start[1] + row;
      int blue = start[2] + row;
      for (int end = o + 3 * image.getWidth(); o < end; o += 3, red += step, green += step, blue += step) {
        out[o] = reds[red];
        out[o + 1] = greens[green];
        out[o + 2] = blues[blue];
      }
    }
  }

  private static void fromSamples(Raster raster, ColorModel model, byte[] out) {
    int width = raster.getWidth();
    int[] row = new int[width];
    for (int channel = 0; channel < 3; channel++) {
      int band = model.getNumColorComponents() < 3 ? 0 : channel;
      int shift = raster.getSampleModel().getSampleSize(band) - 8;
      for (int y = 0, o = channel; y < raster.getHeight(); y++) {
        raster.getSamples(0, y, width, 1, band, row);
        for (int x = 0; x < width; x++, o += 3) {
          out[o] = (byte) (shift > 0 ? row[x] >> shift : row[x] << -shift);
        }
      }
    }
  }

  private static void put(byte[] rgb, int at, int colour) {
    rgb[at] = (byte) (colour >> 16);
    rgb[at + 1] = (byte) (colour >> 8);
    rgb[at + 2] = (byte) colour;
  }
}
