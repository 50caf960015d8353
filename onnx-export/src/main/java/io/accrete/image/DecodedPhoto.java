package io.accrete.image;

/**
 * A photo, upright, possibly smaller than its file has it.
 *
 * @param image its pixels
 * @param box where it lies in them: pixels at an edge may stand for what is partly outside
 * @param width of the photo in its file's pixels
 */
record DecodedPhoto(RgbImage image, Box box, int width, int height) {
  static DecodedPhoto whole(RgbImage image) {
    return new DecodedPhoto(image, Box.whole(image), image.width(), image.height());
  }
}
