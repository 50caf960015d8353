package io.accrete.image;

/** A region of an image, in pixels from its top left corner; edges may lie between pixels. Right and bottom are exclusive. */
public record Box(float left, float top, float right, float bottom) {
  /** All of the image. */
  public static Box whole(RgbImage image) {
    return new Box(0, 0, image.width(), image.height());
  }

  boolean liesIn(RgbImage image) {
    return left >= 0 && top >= 0 && left < right && top < bottom && right <= image.width() && bottom <= image.height();
  }
}
