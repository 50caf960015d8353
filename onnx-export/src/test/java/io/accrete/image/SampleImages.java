package io.accrete.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;


/** The golden files as samples of every format. */
final class SampleImages {
  static final Path DIRECTORY = Path.of("src/test/resources/vectors/preprocess");

  static final Path WEBP = Path.of("src/test/resources/images");

  private SampleImages() {}

  static List<Path> all() {
    Stream<Path> golden =
        Stream.of("exif6.jpg", "cmyk.jpg", "grey.jpg", "photo.webp", "palette.png", "in3.png", "anim.gif").map(DIRECTORY::resolve);
    return Stream.concat(golden, Stream.of("in3-lossless.webp", "in3-alpha-lossy.webp", "animated.webp").map(WEBP::resolve)).toList();
  }

  static byte[] read(Path sample) throws IOException {
    return Files.readAllBytes(sample);
  }

  static byte[] read(String name) throws IOException {
    return read(DIRECTORY.resolve(name));
  }

  /** Makes the checksums of a damaged PNG right again, so that the damage reaches the decoder. */
  static byte[] withPngChecksums(byte[] file) {
    if (file.length > 8 && file[1] == 'P') {
      for (int at = 8; at + 12 <= file.length; ) {
        int length = Bytes.i32be(file, at);
        if (length < 0 || length > file.length - at - 12) {
          break;
        }
        CRC32 sum = new CRC32();
        sum.update(file, at + 4, length + 4);
        for (int i = 0; i < 4; i++) {
          file[at + 8 + length + i] = (byte) (sum.getValue() >> (24 - 8 * i));
        }
        at += length + 12;
      }
    }
    return file;
  }

  /** Where the bytes end that the picture needs. */
  static int endOfFirstFrame(byte[] file) {
    try {
      return file[0] == 'G' ? Container.parse(file).data().length - 1 : file.length;
    } catch (ImageException e) {
      throw new AssertionError(e);
    }
  }
}
