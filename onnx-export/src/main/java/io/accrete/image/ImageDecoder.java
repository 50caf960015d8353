package io.accrete.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * Decodes JPEG, PNG, WebP and GIF (the first frame) to RGB the way Pillow's {@code ImageOps.exif_transpose(image).convert("RGB")} does:
 * EXIF orientation applied, alpha dropped, colour profiles ignored. Safe for hostile input and for concurrent use.
 */
public final class ImageDecoder {
  private ImageDecoder() {}

  /**
   * Decodes an image.
   *
   * @throws ImageException for everything that cannot be decoded within the limits; bytes and pixels are checked before decoding
   */
  public static RgbImage decode(byte[] file, ImageLimits limits) throws ImageException {
    return decode(file, limits, (width, height) -> 1).image();
  }

  /** How much smaller than its file a photo may be decoded: 1, 2, 4 or 8, by its edges as it is to be looked at, in pixels. */
  @FunctionalInterface
  interface Reduction {
    int of(int width, int height);
  }

  /** As the other, if possible at a part of the size. */
  static DecodedPhoto decode(byte[] file, ImageLimits limits, Reduction reduction) throws ImageException {
    Container container = container(file, limits);
    int orientation = Orientation.of(container.exif());
    Optional<DecodedPhoto> reduced = reduced(container, orientation, reduction);
    return reduced.isPresent() ? reduced.get() : DecodedPhoto.whole(whole(container, orientation, limits));
  }

  private static Optional<DecodedPhoto> reduced(Container container, int orientation, Reduction reduction) {
    boolean transposed = Orientation.transposes(orientation);
    int width = transposed ? container.height() : container.width();
    int height = transposed ? container.width() : container.height();
    int by = reduction.of(width, height);
    if (by == 1 || container.format() != Container.Format.JPEG) {
      return Optional.empty();
    }
    Box box = new Box(0, 0, (float) container.width() / by, (float) container.height() / by);
    return ReducedJpeg.decode(container.data(), by).filter(box::liesIn)
        .map(image -> new DecodedPhoto(
            Orientation.upright(image, orientation), Orientation.upright(box, image, orientation), width, height));
  }

  private static RgbImage whole(Container container, int orientation, ImageLimits limits) throws ImageException {
    try {
      return Orientation.upright(Pixels.onCanvas(read(container, limits), container), orientation);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw new ImageException(ImageException.Reason.CORRUPT, "The " + container.format() + " image is damaged: " + cause(e), e);
    } catch (OutOfMemoryError e) {
      throw new ImageException(ImageException.Reason.TOO_MANY_PIXELS, "There is not enough memory for the %s image of %,d x %,d pixels."
          .formatted(container.format(), container.width(), container.height()), e);
    }
  }

  /**
   * Whether the file is whole and within the limits, as far as can be told without decoding it.
   *
   * @throws ImageException if it is not
   */
  public static void check(byte[] file, ImageLimits limits) throws ImageException {
    container(file, limits);
  }

  /** The media type of a file that begins like an image of one of the formats; empty for all others. */
  public static Optional<String> mediaType(byte[] file) {
    try {
      return Optional.of("image/" + Container.Format.of(file).name().toLowerCase(Locale.ROOT));
    } catch (ImageException e) {
      return Optional.empty();
    }
  }

  private static Container container(byte[] file, ImageLimits limits) throws ImageException {
    if (file.length == 0) {
      throw new ImageException(ImageException.Reason.EMPTY, "Expected an image, found no bytes.");
    }
    limits.checkBytes(file.length);
    Container container = Container.parse(file);
    limits.checkPixels(container.width(), container.height());
    limits.checkPixels(container.frameWidth(), container.frameHeight());
    return container;
  }

  private static BufferedImage read(Container container, ImageLimits limits) throws IOException, ImageException {
    ImageReader reader = provider(container.format()).createReaderInstance();
    try (MemoryInput stream = new MemoryInput(container.data())) {
      AtomicReference<String> lost = new AtomicReference<>();
      reader.addIIOReadWarningListener((source, warning) -> {
        if (tellsOfLoss(warning)) {
          lost.set(warning);
        }
      });
      reader.setInput(stream, true, true);
      limits.checkPixels(reader.getWidth(0), reader.getHeight(0));
      BufferedImage image = reader.read(0);
      if (lost.get() != null) {
        throw ImageException.corrupt(container.format().name(), lost.get());
      }
      return image;
    } finally {
      reader.dispose();
    }
  }

  /** libjpeg fills missing data with grey and only warns of it; other warnings are about files that are merely untidy. */
  private static boolean tellsOfLoss(String warning) {
    String lower = warning.toLowerCase(Locale.ROOT);
    return lower.contains("premature end") || lower.contains("truncated") || lower.contains("bad huffman code");
  }

  /** The reader is chosen by the signature, never by what a plugin claims to be able to read. */
  private static ImageReaderSpi provider(Container.Format format) {
    return switch (format) {
      case JPEG -> registered(JPEGImageReaderSpi.class);
      case WEBP -> registered(WebPImageReaderSpi.class);
      case PNG, GIF -> builtIn(format.name());
    };
  }

  private static ImageReaderSpi registered(Class<? extends ImageReaderSpi> type) {
    return IIORegistry.getDefaultInstance().getServiceProviderByClass(type);
  }

  private static ImageReaderSpi builtIn(String format) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    while (readers.hasNext()) {
      ImageReaderSpi provider = readers.next().getOriginatingProvider();
      if (provider.getClass().getName().startsWith("com.sun.imageio.")) {
        return provider;
      }
    }
    throw new IllegalStateException("This Java runtime has no " + format + " reader; use one with the module java.desktop.");
  }

  private static String cause(Throwable error) {
    String message = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage().strip();
    return message.endsWith(".") ? message : message + ".";
  }
}
