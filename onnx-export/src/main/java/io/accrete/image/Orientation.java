package io.accrete.image;

import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.MetadataException;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;

/** The EXIF orientation of a photo, 1 to 8 (EXIF 2.32, tag 0x0112), and its undoing. */
final class Orientation {
  static final int UPRIGHT = 1;

  private Orientation() {}

  /** Reads the orientation from a TIFF block; anything missing or malformed counts as upright, as a photo is more than its metadata. */
  static int of(byte[] exif) {
    if (exif == null) {
      return UPRIGHT;
    }
    try {
      Metadata metadata = new Metadata();
      new ExifReader().extract(new ByteArrayReader(exif), metadata);
      ExifIFD0Directory directory = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
      int orientation = directory == null ? UPRIGHT : directory.getInt(ExifIFD0Directory.TAG_ORIENTATION);
      return orientation >= 1 && orientation <= 8 ? orientation : UPRIGHT;
    } catch (MetadataException | RuntimeException e) {
      return UPRIGHT;
    }
  }

  /** The image as it is meant to be looked at. */
  static RgbImage upright(RgbImage image, int orientation) {
    if (orientation == UPRIGHT) {
      return image;
    }
    boolean transposed = transposes(orientation);
    boolean fromRight = fromRight(orientation);
    boolean fromBottom = fromBottom(orientation);
    int width = transposed ? image.height() : image.width();
    int height = transposed ? image.width() : image.height();
    byte[] in = image.rgb();
    byte[] out = new byte[in.length];
    for (int y = 0, o = 0; y < height; y++) {
      for (int x = 0; x < width; x++, o += 3) {
        int column = transposed ? y : x;
        int row = transposed ? x : y;
        column = fromRight ? image.width() - 1 - column : column;
        row = fromBottom ? image.height() - 1 - row : row;
        System.arraycopy(in, (row * image.width() + column) * 3, out, o, 3);
      }
    }
    return new RgbImage(width, height, out);
  }

  /** The same region of that image as it is meant to be looked at. */
  static Box upright(Box box, RgbImage image, int orientation) {
    float left = fromRight(orientation) ? image.width() - box.right() : box.left();
    float right = fromRight(orientation) ? image.width() - box.left() : box.right();
    float top = fromBottom(orientation) ? image.height() - box.bottom() : box.top();
    float bottom = fromBottom(orientation) ? image.height() - box.top() : box.bottom();
    return transposes(orientation) ? new Box(top, left, bottom, right) : new Box(left, top, right, bottom);
  }

  /** Whether width and height change places. */
  static boolean transposes(int orientation) {
    return orientation >= 5;
  }

  private static boolean fromRight(int orientation) {
    return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  }

  private static boolean fromBottom(int orientation) {
    return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  }
}
