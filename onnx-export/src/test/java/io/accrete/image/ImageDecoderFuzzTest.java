package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged files of every format: an image or an {@link ImageException}, nothing else. */
@Timeout(120)
class ImageDecoderFuzzTest {
  private static final int MUTATIONS = 400;
  private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 1_000_000);

  static Iterable<Path> samples() {
    return SampleImages.all();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldSurviveMutations(Path sample) throws IOException {
    byte[] original = SampleImages.read(sample);
    Random random = new Random(original.length);
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = original.clone();
      int changes = 1 + random.nextInt(20);
      // Headers decide most, so half of the files are damaged in their first bytes only.
      int range = i % 2 == 0 ? Math.min(200, mutated.length) : mutated.length;
      for (int c = 0; c < changes; c++) {
        mutated[random.nextInt(range)] = (byte) random.nextInt(256);
      }
      int reduction = 1 << i % 4;
      try {
        RgbImage image =
            ImageDecoder.decode(SampleImages.withPngChecksums(mutated), LIMITS, (width, height) -> reduction).image();
        assertThat((long) image.width() * image.height()).isLessThanOrEqualTo(LIMITS.maxPixels());
      } catch (ImageException e) {
        assertThat(e).hasMessageMatching("(?s).*[.]");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldRefuseTruncatedFiles(Path sample) throws IOException {
    byte[] original = SampleImages.read(sample);
    int end = SampleImages.endOfFirstFrame(original);
    Random random = new Random(end);
    for (int i = 0; i < 60; i++) {
      byte[] truncated = Arrays.copyOf(original, i < 20 ? i : i < 30 ? end - 1 - (i - 20) : 20 + random.nextInt(end - 20));
      int reduction = 1 << i % 4;
      assertThatThrownBy(() -> ImageDecoder.decode(truncated, LIMITS, (width, height) -> reduction)).as("%s, %s bytes", sample, truncated.length)
          .isInstanceOf(ImageException.class);
    }
  }
}
