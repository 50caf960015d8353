package io.accrete.image;

import static io.accrete.image.Bytes.u16be;
import static io.accrete.image.Bytes.u8;

import java.io.ByteArrayOutputStream;

/** The segments of a JPEG file (ITU T.81 annex B). */
final class JpegFile {
  /** Each scan of a progressive image costs a pass over all pixels, however few bytes it has; encoders write about ten. */
  private static final int MAX_SCANS = 100;
  private static final int EXIF_HEADER = 6;

  private JpegFile() {}

  static Container parse(byte[] file) throws ImageException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
    kept.write(file, 0, 2);
    int width = 0;
    int height = 0;
    int scans = 0;
    byte[] exif = null;
    int at = 2;
    while (true) {
      int marker = u8(file, at + 1);
      if (u8(file, at) != 0xff) {
        throw ImageException.corrupt("JPEG", "a segment was expected at byte " + at);
      }
      if (marker == 0xff) { // fill byte
        at++;
        continue;
      }
      if (marker == 0xd9) {
        break;
      }
      if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd8) { // no length; means nothing between segments
        at += 2;
        continue;
      }
      int end = at + 2 + u16be(file, at + 2);
      if (isFrame(marker)) {
        checkFrame(marker, u8(file, at + 4));
        height = u16be(file, at + 5);
        width = u16be(file, at + 7);
      } else if (marker == 0xe1 && exif == null && Bytes.matches(file, at + 4, "Exif\0")) {
        exif = Bytes.slice(file, at + 4 + EXIF_HEADER, end - at - 4 - EXIF_HEADER);
      } else if (marker == 0xda) {
        if (++scans > MAX_SCANS) {
          throw ImageException.corrupt("JPEG", "it has more than " + MAX_SCANS + " scans");
        }
        end = endOfScan(file, end);
      }
      if (determinesPixels(file, at, marker)) {
        kept.write(file, at, end - at);
      }
      at = end;
    }
    if (scans == 0) {
      throw ImageException.corrupt("JPEG", "it holds no picture");
    }
    kept.write(file, at, 2);
    return Container.still(Container.Format.JPEG, width, height, exif, kept.toByteArray());
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static void checkFrame(int marker, int bits) throws ImageException {
    if (marker > 0xc2 || bits != 8) {
      throw ImageException.unsupported(
          "Expected a baseline or progressive JPEG of 8 bits, found one of %d bits with coding process %d. Save it as an ordinary JPEG."
              .formatted(bits, marker - 0xc0));
    }
  }

  /** Tables, frames and scans; of the application segments JFIF and Adobe, which say what the components are. */
  private static boolean determinesPixels(byte[] file, int at, int marker) {
    return marker < 0xe0
        || marker == 0xe0 && Bytes.matches(file, at + 4, "JFIF")
        || marker == 0xee && Bytes.matches(file, at + 4, "Adobe");
  }

  private static int endOfScan(byte[] file, int from) {
    int at = from;
    while (true) {
      while (file[at] != (byte) 0xff) {
        at++;
      }
      int next = u8(file, at + 1);
      if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
        return at;
      }
      at += next == 0xff ? 1 : 2;
    }
  }
}
