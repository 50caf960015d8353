package io.accrete.image;

import java.util.Arrays;

/**
 * What is known of an image file without decoding it. Every format has one parser that walks the whole structure, so that files that end
 * early are noticed, and keeps only what determines the pixels, so that decoders never see metadata, colour profiles (which, like Pillow,
 * we do not apply) or text to be inflated.
 *
 * @param format for messages
 * @param width of the canvas, in pixels as stored
 * @param height of the canvas
 * @param left where the first frame lies on the canvas
 * @param top where the first frame lies on the canvas
 * @param frameWidth of the first frame, as its own header says
 * @param frameHeight of the first frame
 * @param exif TIFF block, or null
 * @param data a minimal file of the same format
 */
record Container(
    Format format, int width, int height, int left, int top, int frameWidth, int frameHeight, byte[] exif, byte[] data) {

  /** The formats, told apart by their signatures. */
  enum Format {
    JPEG, PNG, GIF, WEBP;

    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    static Format of(byte[] file) throws ImageException {
      if (file.length >= 3 && (file[0] & 0xff) == 0xff && (file[1] & 0xff) == 0xd8 && (file[2] & 0xff) == 0xff) {
        return JPEG;
      }
      if (file.length >= 8 && Arrays.equals(file, 0, 8, PNG_SIGNATURE, 0, 8)) {
        return PNG;
      }
      if (Bytes.matches(file, 0, "GIF87a") || Bytes.matches(file, 0, "GIF89a")) {
        return GIF;
      }
      if (Bytes.matches(file, 0, "RIFF") && Bytes.matches(file, 8, "WEBP")) {
        return WEBP;
      }
      throw ImageException.unsupported("Expected a JPEG, PNG, WebP or GIF image, found %,d bytes that are none of these (first: %s)."
          .formatted(file.length, Bytes.hex(file, 8)));
    }
  }

  /** A still image that fills its canvas. */
  static Container still(Format format, int width, int height, byte[] exif, byte[] data) {
    return new Container(format, width, height, 0, 0, width, height, exif, data);
  }

  static Container parse(byte[] file) throws ImageException {
    Format format = Format.of(file);
    try {
      Container container = switch (format) {
        case JPEG -> JpegFile.parse(file);
        case PNG -> PngFile.parse(file);
        case GIF -> GifFile.parse(file);
        case WEBP -> WebpFile.parse(file);
      };
      if (container.width < 1 || container.height < 1 || container.frameWidth < 1 || container.frameHeight < 1) {
        throw ImageException.corrupt(format.name(), "its header says %d x %d pixels".formatted(container.width, container.height));
      }
      return container;
    } catch (IndexOutOfBoundsException e) {
      throw new ImageException(
          ImageException.Reason.CORRUPT, "The %s image ends early, after %,d bytes.".formatted(format, file.length), e);
    }
  }
}
