package io.accrete.image;

/**
 * Bounds that hold before anything is decoded. Neither edge may have more than {@value #MAX_EDGE} pixels, whatever the limits.
 *
 * @param maxBytes most bytes of the encoded image
 * @param maxPixels most pixels of the decoded image
 */
public record ImageLimits(int maxBytes, long maxPixels) {
  /** What JPEG allows. A resize first widens every row to the new width: of a tall sliver that could be more than an array holds. */
  private static final int MAX_EDGE = 65_535;

  /** For images of the user's own folders: 64 MiB and 100 million pixels. */
  public static final ImageLimits LOCAL = new ImageLimits(64 << 20, 100_000_000L);

  public ImageLimits {
    if (maxBytes < 1 || maxPixels < 1) {
      throw new IllegalArgumentException("Expected limits of at least 1, found " + maxBytes + " bytes and " + maxPixels + " pixels.");
    }
  }

  void checkBytes(long bytes) throws ImageException {
    if (bytes > maxBytes) {
      throw new ImageException(ImageException.Reason.TOO_MANY_BYTES,
          "The image has %,d bytes; at most %,d are allowed (image.max.bytes).".formatted(bytes, maxBytes));
    }
  }

  void checkPixels(long width, long height) throws ImageException {
    if (Math.max(width, height) > MAX_EDGE) {
      throw new ImageException(ImageException.Reason.TOO_MANY_PIXELS,
          "The image has %,d x %,d pixels; at most %,d are allowed along an edge.".formatted(width, height, MAX_EDGE));
    }
    if (width * height > maxPixels) {
      throw new ImageException(ImageException.Reason.TOO_MANY_PIXELS,
          "The image has %,d x %,d pixels; at most %,d in all are allowed (image.max.pixels).".formatted(width, height, maxPixels));
    }
  }
}
