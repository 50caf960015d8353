package io.accrete.image;

import static org.bytedeco.leptonica.global.leptonica.L_SEVERITY_NONE;
import static org.bytedeco.leptonica.global.leptonica.pixConvertTo32;
import static org.bytedeco.leptonica.global.leptonica.pixDestroy;
import static org.bytedeco.leptonica.global.leptonica.pixGetData;
import static org.bytedeco.leptonica.global.leptonica.pixGetHeight;
import static org.bytedeco.leptonica.global.leptonica.pixGetWidth;
import static org.bytedeco.leptonica.global.leptonica.pixGetWpl;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemJpeg;
import static org.bytedeco.leptonica.global.leptonica.readHeaderMemJpeg;
import static org.bytedeco.leptonica.global.leptonica.setMsgSeverity;

import java.util.Optional;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.leptonica.PIX;
import org.bytedeco.leptonica.global.leptonica;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes a JPEG at a half, a quarter or an eighth of its size, for a part of the work: libjpeg-turbo, by way of Leptonica, transforms only
 * the low frequencies of each block, which is a mean over the pixels that it leaves out. Safe for concurrent use.
 */
final class ReducedJpeg {
  private static final Logger log = LoggerFactory.getLogger(ReducedJpeg.class);
  private static final int GREY = 1;
  private static final int COLOUR = 3;
  private static final boolean USABLE = load();

  private ReducedJpeg() {}

  private static boolean load() {
    try {
      Loader.load(leptonica.class);
      setMsgSeverity(L_SEVERITY_NONE); // what it finds in a file is no news for the console
      return true;
    } catch (LinkageError | RuntimeException e) {
      log.info("Large photos are decoded whole, which takes several times as long: there is no libjpeg-turbo for this machine ({})",
          e.getMessage());
      return false;
    }
  }

  /**
   * The image with the edges divided by the reduction and rounded up; empty if there is any doubt about the file, of which decoding it
   * whole tells more.
   *
   * @param file a JPEG that was parsed
   * @param reduction 2, 4 or 8
   */
  static Optional<RgbImage> decode(byte[] file, int reduction) {
    int[] samples = new int[1];
    int[] unused = new int[1];
    if (!USABLE || readHeaderMemJpeg(file, file.length, unused, unused, samples, unused, unused) != 0
        || samples[0] != GREY && samples[0] != COLOUR) {
      return Optional.empty();
    }
    int[] warnings = new int[1];
    PIX read = pixReadMemJpeg(file, file.length, 0, reduction, warnings, 0);
    if (read == null) {
      return Optional.empty();
    }
    PIX image = pixConvertTo32(read);
    try {
      return warnings[0] > 0 || image == null ? Optional.empty() : Optional.of(rgb(image));
    } finally {
      pixDestroy(image);
      pixDestroy(read);
    }
  }

  /** From 32 bits a pixel, red highest. */
  private static RgbImage rgb(PIX image) {
    int width = pixGetWidth(image);
    int height = pixGetHeight(image);
    IntPointer data = pixGetData(image);
    int[] row = new int[pixGetWpl(image)];
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    for (int y = 0, o = 0; y < height; y++) {
      data.position((long) y * row.length).get(row);
      for (int x = 0; x < width; x++) {
        rgb[o++] = (byte) (row[x] >> 24);
        rgb[o++] = (byte) (row[x] >> 16);
        rgb[o++] = (byte) (row[x] >> 8);
      }
    }
    return new RgbImage(width, height, rgb);
  }
}
