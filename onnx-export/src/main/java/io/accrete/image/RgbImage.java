package io.accrete.image;

/**
 * An image in memory: rows from the top, pixels from the left, three bytes (red, green, blue; 0 to 255, sRGB) a pixel.
 *
 * @param rgb {@code height * width * 3} bytes; not copied
 */
public record RgbImage(int width, int height, byte[] rgb) {
  public RgbImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "Expected " + width + " x " + height + " x 3 bytes, found " + rgb.length + ".");
    }
  }
}
